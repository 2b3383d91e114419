/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A virtqueue from the driver's side, split or packed (Virtio 1.2, sections 2.7 and 2.8), with little room. */
#ifndef ABX_TESTS_VIRTIO_QUEUE_H
#define ABX_TESTS_VIRTIO_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    QUEUE_SIZE = 64,
    QUEUE_BUFFERS = 4, /* of a chain, at most */
    QUEUE_CHAINS = QUEUE_SIZE / QUEUE_BUFFERS,
};

typedef struct virtio_buffer {
    const volatile void *address;
    uint32_t length;
    bool writable; /* by the device */
} virtio_buffer;

typedef struct virtio_descriptor {
    uint64_t address;
    uint32_t length;
    uint16_t words[2]; /* split: flags, the next one; packed: id, flags */
} virtio_descriptor;

/* What the device sees begins with `descriptors`, and may be anything a device understands: a test writes there. */
typedef struct virtio_queue {
    _Alignas(4096) virtio_descriptor descriptors[QUEUE_SIZE];
    uint16_t driver[3 + QUEUE_SIZE]; /* split: the available ring and used_event; packed: events, 2 words */
    _Alignas(16) uint16_t device[3 + 4 * QUEUE_SIZE]; /* split: the used ring and avail_event; packed: events */
    _Alignas(16) virtio_descriptor tables[QUEUE_CHAINS][QUEUE_BUFFERS];

    /* The driver's own. */
    bool packed, indirect, events;
    uint32_t free;                  /* chains, a bit each */
    uint16_t next, next_used;       /* split: indices; packed: entries */
    uint16_t lengths[QUEUE_CHAINS]; /* packed: entries of each chain */
    uint16_t added;                 /* since the last queue_wants_notification() */
    bool wrap, used_wrap;
} virtio_queue;

/* An empty one. */
void queue_init(virtio_queue *queue, bool packed, bool indirect, bool events);

/* Makes a chain available; its id. There must be room: fewer than QUEUE_CHAINS are out. */
uint32_t queue_add(virtio_queue *queue, const virtio_buffer *buffers, uint32_t count);

/* Whether the device asked to hear of what was added since this was asked last. */
bool queue_wants_notification(virtio_queue *queue);

/* Takes a chain that the device has used. When there is none, the next one raises an interrupt. */
bool queue_take(virtio_queue *queue, uint32_t *id, uint32_t *length);

#endif
