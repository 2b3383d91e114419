/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A virtio device from the driver's side, over MMIO (Virtio 1.2, sections 3.1 and 4.2). */
#ifndef ABX_TESTS_VIRTIO_DEVICE_H
#define ABX_TESTS_VIRTIO_DEVICE_H

#include "virtio_queue.h"

enum {
    DEVICE_QUEUES = 5,
    DEVICE_CONFIG = 0x100, /* configuration space */

    /* Bits of an interrupt: 4.2.2. */
    INTERRUPT_USED = 1,
    INTERRUPT_CONFIG = 2,

    STATUS_NEEDS_RESET = 64, /* 2.1 */
};

typedef struct virtio_device {
    uint64_t registers;
    uint32_t id; /* 4: entropy … ; 0: there is none */
    uint64_t features;
    volatile uint32_t interrupts; /* bits that came and were not forgotten */
    volatile uint32_t count;      /* of interrupts */
    virtio_queue *queues;         /* DEVICE_QUEUES of them */
} virtio_device;

/* Finds the device of a slot, whose line is open from now on; `queues` is for its driver. False: there is none. */
bool virtio_find(virtio_device *device, uint32_t slot, virtio_queue *queues);

/* Steps 1 to 6: resets it and agrees on those of `wanted` that it has, and on VERSION_1. */
void virtio_negotiate(virtio_device *device, uint64_t wanted);

/* Steps 7 and 8: sets up its first queues. */
void virtio_go(virtio_device *device, uint32_t queues);

/* Ends whatever it does. */
void virtio_reset(virtio_device *device);

uint32_t virtio_status(const virtio_device *device);

/* Tells it of new buffers, unless it does not care. */
void virtio_notify(virtio_device *device, uint32_t queue);

/* … whether it cares or not. */
void virtio_force_notify(virtio_device *device, uint32_t queue);

/* Sleeps until it has used a chain; the chain's id. */
uint32_t virtio_await(virtio_device *device, uint32_t queue, uint32_t *length);

/* Does one request, alone in its queue; the length that the device gives back. */
uint32_t virtio_request(virtio_device *device, uint32_t queue, const virtio_buffer *buffers, uint32_t count);

/* Takes an interrupt: for board_interrupt(). */
void virtio_interrupt(virtio_device *device);

#endif
