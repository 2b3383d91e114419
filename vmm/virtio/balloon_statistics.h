/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a guest says of its memory: Virtio 1.2, sections 5.5.6.3 and 5.5.6.4. */
#ifndef ABX_VMM_VIRTIO_BALLOON_STATISTICS_H
#define ABX_VMM_VIRTIO_BALLOON_STATISTICS_H

#include <arcbox/machine_balloon.h>

#include "virtio/queue.h"

typedef struct abx_balloon_statistics {
    uint32_t known; /* bit n: value n was told */
    uint64_t values[ABX_BALLOON_STATISTICS];
} abx_balloon_statistics;

/* Takes what a buffer of the statistics queue says, in any order; what is not known is left out. */
abx_balloon_statistics abx_balloon_statistics_read(const abx_virtqueue_chain *chain);

#endif
