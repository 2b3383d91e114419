/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The registers of a virtio device in memory: Virtio 1.2, section 4.2, version 2. */
#ifndef ABX_VMM_VIRTIO_MMIO_H
#define ABX_VMM_VIRTIO_MMIO_H

#include "device.h"
#include "virtio/virtio_device.h"

enum {
    ABX_VIRTIO_MMIO_SIZE = 0x200,  /* registers, and configuration space from 0x100 on */
    ABX_VIRTIO_MMIO_NOTIFY = 0x50, /* where a write of 4 bytes says which queue has something */
};

typedef struct abx_virtio_mmio_config {
    const abx_virtio_device_ops *ops;
    void *device;
    uint32_t queue_count; /* 1 to ABX_VIRTIO_QUEUES_MAX */
    uint16_t queue_size;  /* the largest: a power of two */
    abx_gpa base;         /* of ABX_VIRTIO_MMIO_SIZE bytes */
    uint32_t line;        /* of the interrupt: level, until it is acknowledged */
    int interrupt_fd;     /* an eventfd that is written for each interrupt instead; the caller's. -1: none */
} abx_virtio_mmio_config;

/* Makes the registers and puts them on host->mmio. Errors: those of abx_bus_add(), ABX_ERR_NO_MEMORY. */
abx_status abx_virtio_mmio_new(abx_virtio_mmio **out, const abx_device_host *host,
                               const abx_virtio_mmio_config *config);

/* Stops the device's queues and frees the registers; no vCPU comes any more. NULL is allowed. */
void abx_virtio_mmio_free(abx_virtio_mmio *transport);

/*
 * Lets the backend write eventfd `fd` for each notification, whatever queue it is for, instead of an exit: the device
 * looks at all of its queues then. The descriptor stays the caller's, open until the transport is freed. Errors: those
 * of abx_ioeventfd_attach(); without it everything goes on by exits.
 */
abx_status abx_virtio_mmio_doorbell(abx_virtio_mmio *transport, int fd);

#endif
