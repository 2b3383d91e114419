/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The parts of a balloon. */
#ifndef ABX_VMM_VIRTIO_BALLOON_INTERNAL_H
#define ABX_VMM_VIRTIO_BALLOON_INTERNAL_H

#include "virtio/balloon.h"
#include "virtio/balloon_hint.h"
#include "virtio/balloon_memory.h"
#include "virtio/balloon_statistics.h"
#include "virtio/server.h"

/* Section 5.5.3. */
#define BALLOON_F_STATS_VQ       (UINT64_C(1) << 1)
#define BALLOON_F_DEFLATE_ON_OOM (UINT64_C(1) << 2)
#define BALLOON_F_FREE_PAGE_HINT (UINT64_C(1) << 3)
#define BALLOON_F_PAGE_POISON    (UINT64_C(1) << 4)
#define BALLOON_F_REPORTING      (UINT64_C(1) << 5)

/* Section 5.5.2. */
enum { BALLOON_INFLATE, BALLOON_DEFLATE, BALLOON_STATISTICS, BALLOON_HINT, BALLOON_REPORT, BALLOON_QUEUES };

struct abx_balloon_auto;

typedef struct balloon {
    abx_virtio_server server;
    abx_device_host host;
    abx_balloon_config config;
    abx_balloon_memory memory;          /* the worker's; while that is held: for a reset */
    struct abx_balloon_auto *automatic; /* policy AUTO, or NULL */

    pthread_mutex_t lock; /* of what follows. Taken after the transport's */
    uint64_t features;    /* negotiated */
    bool live;            /* the driver has started it */
    uint32_t num_pages;   /* the configuration space, section 5.5.4 */
    uint32_t actual;
    uint32_t poison;
    uint64_t told; /* what the last event said that the guest keeps */
    abx_balloon_statistics statistics;
    uint64_t statistics_ns; /* when they came */
    uint64_t answers;       /* how often they came */
    bool asked;             /* somebody waits for them */
    bool holds;             /* the driver's buffer is here, to be given back for fresh ones */
    abx_virtqueue_chain held;
    uint64_t reported;    /* bytes that the guest reported free */
    uint64_t reported_ns; /* when the last report came */
    abx_balloon_hint hint;
} balloon;

/* For the server: does what a request says; gives the buffer of the statistics back when somebody wants to know. */
uint64_t balloon_serve(void *device, abx_virtqueue *queue, const abx_virtqueue_chain *chain);
void balloon_attend(void *device);

/* Under the lock: what the guest keeps, in bytes. */
uint64_t balloon_kept(const balloon *self);

/* Under the lock: what it is asked to keep. */
uint64_t balloon_target(const balloon *self);

/* Under the lock: free pages must keep a value that is not zero (5.5.6.6). */
bool balloon_is_poisoned(const balloon *self);

/* Changes the target; the driver hears of it. */
void balloon_aim(balloon *self, uint64_t bytes);

#endif
