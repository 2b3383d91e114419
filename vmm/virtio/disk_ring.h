/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* io_uring, Linux's engine for disks. */
#ifndef ABX_VMM_VIRTIO_DISK_RING_H
#define ABX_VMM_VIRTIO_DISK_RING_H

#include "virtio/disk_engine.h"

/*
 * The ring does what the kernel can do without a thread: transfers that are in the page cache or go past it. What
 * would block, flushes and ranges are for threads of ours. Those that io_uring makes for itself wake every five seconds
 * for as long as the process lives, and nothing of an idle machine may.
 */
extern const abx_disk_engine_kind abx_disk_ring;

#endif
