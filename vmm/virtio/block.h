/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A disk: Virtio 1.2, section 5.2. */
#ifndef ABX_VMM_VIRTIO_BLOCK_H
#define ABX_VMM_VIRTIO_BLOCK_H

#include "device.h"

#include "virtio/disk_engine.h"

enum { ABX_VIRTIO_SERIAL_MAX = 20 };

/* The strings are copied. */
typedef struct abx_virtio_block_config {
    const char *path;
    bool read_only;
    bool direct;                        /* past the host's page cache */
    bool volatile_writes;               /* flushes do nothing: for images that may be lost */
    uint32_t queues;                    /* 1 to ABX_VIRTIO_QUEUES_MAX */
    const char *serial;                 /* at most ABX_VIRTIO_SERIAL_MAX bytes; NULL: none */
    const abx_disk_engine_kind *engine; /* NULL: the best that the system has */
} abx_virtio_block_config;

/*
 * Opens the image and makes the device at `base` with interrupt `line`, paused. Errors: those of abx_disk_open(),
 * abx_disk_engine_open(), abx_virtio_worker_start() and abx_virtio_mmio_new(), ABX_ERR_NO_MEMORY.
 */
abx_status abx_virtio_block_new(abx_device *out, const abx_device_host *host, abx_gpa base, uint32_t line,
                                const abx_virtio_block_config *config);

#endif
