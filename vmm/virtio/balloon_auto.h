/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Policy AUTO of a balloon: balloon_policy.h, fed by the host's pressure and by the guest, in the machine's loop. */
#ifndef ABX_VMM_VIRTIO_BALLOON_AUTO_H
#define ABX_VMM_VIRTIO_BALLOON_AUTO_H

#include <arcbox/error.h>

struct balloon;
typedef struct abx_balloon_auto abx_balloon_auto;

/* For a balloon that is there, paused. In the loop. Errors: ABX_ERR_NO_MEMORY, those of abx_host_pressure_new(). */
abx_status abx_balloon_auto_new(abx_balloon_auto **out, struct balloon *balloon);

/* In the loop. NULL is allowed. */
void abx_balloon_auto_free(abx_balloon_auto *self);

/* While it is paused it changes nothing. Any thread. */
void abx_balloon_auto_resume(abx_balloon_auto *self);
void abx_balloon_auto_pause(abx_balloon_auto *self);

/* The guest changed the balloon or told statistics. Any thread; never waits for the loop. */
void abx_balloon_auto_changed(abx_balloon_auto *self);

/* A target of somebody else's. Any thread. */
void abx_balloon_auto_set_target(abx_balloon_auto *self, uint64_t bytes);

#endif
