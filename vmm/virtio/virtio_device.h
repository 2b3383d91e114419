/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a virtio device and its transport know of each other (Virtio 1.2, chapters 2 and 3). */
#ifndef ABX_VMM_VIRTIO_VIRTIO_DEVICE_H
#define ABX_VMM_VIRTIO_VIRTIO_DEVICE_H

#include "virtio/queue.h"

/* Section 6. The transport offers these for every device. */
#define ABX_VIRTIO_F_INDIRECT_DESC (UINT64_C(1) << 28)
#define ABX_VIRTIO_F_EVENT_IDX     (UINT64_C(1) << 29)
#define ABX_VIRTIO_F_VERSION_1     (UINT64_C(1) << 32)
#define ABX_VIRTIO_F_RING_PACKED   (UINT64_C(1) << 34)

enum { ABX_VIRTIO_QUEUES_MAX = 16 };

/*
 * What a transport asks of a device; what may be NULL says so. All but notify are called by one thread at a time, a
 * vCPU's. None of them may wait for the transport.
 */
typedef struct abx_virtio_device_ops {
    uint32_t id;      /* chapter 5 */
    const char *name; /* "block" */
    /* The device's own feature bits: constant. NULL: none. */
    uint64_t (*features)(void *device);
    /* What was negotiated, before any queue starts. NULL: does not matter. */
    void (*negotiated)(void *device, uint64_t features);
    /* Reads from and writes to the configuration space, 1 to 8 bytes from `offset`; the bytes are zero before, and
     * remain so where there is nothing. NULL: there is none, or nothing in it can be written. */
    void (*read_config)(void *device, uint32_t offset, uint8_t *bytes, uint32_t length);
    void (*write_config)(void *device, uint32_t offset, const uint8_t *bytes, uint32_t length);
    /* From here on `queue` is the device's, in one thread at a time. There may be something in it already. */
    void (*start_queue)(void *device, uint32_t index, abx_virtqueue *queue);
    /* When it returns the device touches neither the queue nor memory that came out of it. Only what started stops. */
    void (*stop_queue)(void *device, uint32_t index);
    /* The driver made something available. Any thread, and any index that the device has, started or not. */
    void (*notify)(void *device, uint32_t index);
    /* As after creation; all queues are stopped. NULL: there is nothing else to forget. */
    void (*reset)(void *device);
} abx_virtio_device_ops;

/* The transport as the device sees it: virtio/mmio.h. */
typedef struct abx_virtio_mmio abx_virtio_mmio;

/*
 * After a device gave back chains of a queue, or found it broken: interrupts the driver if it wants to know, and tells
 * it and the machine of a broken queue (section 2.1: DEVICE_NEEDS_RESET). From the thread that uses the queue, within
 * its stay.
 */
void abx_virtio_used(abx_virtio_mmio *transport, abx_virtqueue *queue);

/* After the configuration space changed. Any thread. */
void abx_virtio_config_changed(abx_virtio_mmio *transport);

/* How often the driver was interrupted. Any thread. */
uint64_t abx_virtio_interrupts(const abx_virtio_mmio *transport);

/* For read_config: `bytes` get what of `config` lies there. */
void abx_virtio_copy_config(const void *config, size_t size, uint32_t offset, uint8_t *bytes, uint32_t length);

#endif
