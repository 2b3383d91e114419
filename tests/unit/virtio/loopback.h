/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A virtio device for tests: what it reads it writes back, in the loop or when the test says so. */
#ifndef TESTS_VIRTIO_LOOPBACK_H
#define TESTS_VIRTIO_LOOPBACK_H

#include "guest.h"

#include "virtio/worker.h"

enum { LOOPBACK_QUEUES = 3, LOOPBACK_SIZE = 64, LOOPBACK_ID = 62 };

#define LOOPBACK_FEATURE UINT64_C(0x5)

typedef struct loopback {
    abx_device_host host;
    abx_virtio_mmio *transport;
    abx_virtio_worker worker;
    abx_virtqueue *queues[LOOPBACK_QUEUES];
    uint8_t config[24];
    uint64_t features; /* negotiated */
    unsigned resets, starts, stops;
    bool keeps; /* chains are kept until loopback_give_back() */
    abx_virtqueue *kept_queue;
    abx_virtqueue_chain kept[LOOPBACK_SIZE];
    struct iovec kept_pieces[LOOPBACK_SIZE][8];
    unsigned kept_count;
    pthread_mutex_t lock;
    pthread_cond_t worked;
    unsigned rounds; /* of the worker */
} loopback;

/* Makes it the guest's device; `interrupt_fd` as for the transport. */
void loopback_new(loopback *self, guest *of, int interrupt_fd);

/* Gives back, last first, what was kept. From the test's thread, while nothing else happens. */
void loopback_give_back(loopback *self);

/* Waits until the worker has looked at everything that is there now. */
void loopback_settle(loopback *self);

#endif
