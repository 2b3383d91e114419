/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The driver of a balloon (Virtio 1.2, section 5.5), as virtio.h orders it. */
#ifndef ABX_TESTS_VIRTIO_BALLOON_H
#define ABX_TESTS_VIRTIO_BALLOON_H

#include "virtio_device.h"

enum { BALLOON_QUEUES = 5 };

/* STATS_VQ, DEFLATE_ON_OOM, FREE_PAGE_HINT, PAGE_REPORTING: section 5.5.3. */
#define BALLOON_FEATURES (1ull << 1 | 1ull << 2 | 1ull << 3 | 1ull << 5)

uint32_t balloon_carry_out(virtio_device *device, uint32_t order);

#endif
