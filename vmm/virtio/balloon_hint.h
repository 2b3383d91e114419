/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Free page hinting: Virtio 1.2, section 5.5.6.5. The device asks by a command id in the configuration space; the
 * driver answers with that id, blocks that are free, and a STOP. They stay the driver's until the device says DONE.
 */
#ifndef ABX_VMM_VIRTIO_BALLOON_HINT_H
#define ABX_VMM_VIRTIO_BALLOON_HINT_H

#include "loop.h"
#include "virtio/balloon_pages.h"
#include "virtio/queue.h"

struct balloon;

typedef enum abx_hint_step {
    ABX_HINT_NONE = 0,
    ABX_HINT_ASKED, /* the driver has not begun with this id */
    ABX_HINT_TAKES, /* what it names is free */
    ABX_HINT_OVER,  /* the outcome is there */
    ABX_HINT_TELLS, /* … and is being told */
} abx_hint_step;

/* A run, if there is one. Under the balloon's lock, but for what is said. */
typedef struct abx_balloon_hint {
    abx_hint_step step;
    uint32_t command; /* free_page_hint_cmd_id in the configuration space */
    uint32_t last_id; /* the last run's */
    abx_status outcome;
    abx_balloon_hinted done;
    void *payload;
    abx_loop_task task;      /* tells */
    abx_balloon_pages pages; /* the loop's while there is a run */
    uint64_t runs;           /* that ended well, and … */
    uint64_t bytes;          /* … what they named */
} abx_balloon_hint;

/* For the balloon: it is there; a buffer of the hint queue, within a stay; the driver is gone; the end, in the loop. */
void abx_balloon_hint_init(struct balloon *balloon);
uint64_t abx_balloon_hint_take(struct balloon *balloon, const abx_virtqueue_chain *chain);
void abx_balloon_hint_reset(struct balloon *balloon);
void abx_balloon_hint_end(struct balloon *balloon);

#endif
