/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The parts of a transport. */
#ifndef ABX_VMM_VIRTIO_MMIO_INTERNAL_H
#define ABX_VMM_VIRTIO_MMIO_INTERNAL_H

#include "virtio/mmio.h"
#include "wakeup.h"

#include <arcbox/interrupt.h>

#include <pthread.h>
#include <stdatomic.h>

enum {
    /* Section 4.2.2. */
    MMIO_MAGIC = 0x000,
    MMIO_VERSION = 0x004,
    MMIO_DEVICE_ID = 0x008,
    MMIO_VENDOR_ID = 0x00c,
    MMIO_DEVICE_FEATURES = 0x010,
    MMIO_DEVICE_FEATURES_SEL = 0x014,
    MMIO_DRIVER_FEATURES = 0x020,
    MMIO_DRIVER_FEATURES_SEL = 0x024,
    MMIO_QUEUE_SEL = 0x030,
    MMIO_QUEUE_NUM_MAX = 0x034,
    MMIO_QUEUE_NUM = 0x038,
    MMIO_QUEUE_READY = 0x044,
    MMIO_INTERRUPT_STATUS = 0x060,
    MMIO_INTERRUPT_ACK = 0x064,
    MMIO_STATUS = 0x070,
    MMIO_QUEUE_DESC_LOW = 0x080,
    MMIO_QUEUE_DESC_HIGH = 0x084,
    MMIO_QUEUE_DRIVER_LOW = 0x090,
    MMIO_QUEUE_DRIVER_HIGH = 0x094,
    MMIO_QUEUE_DEVICE_LOW = 0x0a0,
    MMIO_QUEUE_DEVICE_HIGH = 0x0a4,
    MMIO_SHM_LEN_LOW = 0x0b0,
    MMIO_SHM_BASE_HIGH = 0x0bc,
    MMIO_CONFIG_GENERATION = 0x0fc,
    MMIO_CONFIG = 0x100,

    /* Section 2.1. */
    STATUS_ACKNOWLEDGE = 1,
    STATUS_DRIVER = 2,
    STATUS_DRIVER_OK = 4,
    STATUS_FEATURES_OK = 8,
    STATUS_NEEDS_RESET = 64,
    STATUS_FAILED = 128,

    INTERRUPT_USED = 1,
    INTERRUPT_CONFIG = 2,
};

typedef struct mmio_queue {
    abx_virtqueue_layout layout; /* as the driver has written it; kind and features come with the start */
    bool ready;
    bool started; /* it is the device's */
    abx_virtqueue queue;
} mmio_queue;

/* Whatever workers of the device touch as well: its lock is never held while something else is waited for. */
typedef struct mmio_interrupt {
    pthread_mutex_t lock;
    uint32_t status;
    bool level;       /* of the line */
    bool needs_reset; /* a queue is broken */
    _Atomic uint64_t count;
    abx_wakeup bound; /* to the line, by the backend: config.interrupt_fd. fd -1: none */
} mmio_interrupt;

struct abx_virtio_mmio {
    abx_device_host host;
    abx_virtio_mmio_config config;
    uint64_t offered;
    mmio_interrupt interrupt;
    _Atomic uint32_t generation; /* of the configuration space */
    abx_ioeventfd doorbell;      /* fd -1: none */

    pthread_mutex_t lock; /* what follows, and one call of the device at a time */
    uint32_t status;
    uint64_t driver_features;
    uint32_t device_features_sel, driver_features_sel, queue_sel;
    mmio_queue queues[ABX_VIRTIO_QUEUES_MAX];
};

/* Binds a descriptor of the transport's own to its line; undoes it. */
abx_status mmio_interrupt_bind(abx_virtio_mmio *self);
void mmio_interrupt_unbind(abx_virtio_mmio *self);

/* Sets bits of the interrupt status; clears them; forgets everything. */
void mmio_interrupt_raise(abx_virtio_mmio *self, uint32_t bits);
void mmio_interrupt_acknowledge(abx_virtio_mmio *self, uint32_t bits);
void mmio_interrupt_reset(abx_virtio_mmio *self);
uint32_t mmio_interrupt_status(abx_virtio_mmio *self);

/* NEEDS_RESET for `fault`, told of once until the next reset. */
void mmio_needs_reset(abx_virtio_mmio *self, abx_virtqueue_fault fault);
bool mmio_is_in_need(abx_virtio_mmio *self);

/* Under the lock: writes to registers of state; the write of a queue's ready register. */
void mmio_write_status(abx_virtio_mmio *self, uint32_t value);
void mmio_write_ready(abx_virtio_mmio *self, uint32_t index, bool ready);
void mmio_reset(abx_virtio_mmio *self);

#endif
