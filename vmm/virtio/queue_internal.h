/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the two kinds of queue have in common, and what each does in its own way. */
#ifndef ABX_VMM_VIRTIO_QUEUE_INTERNAL_H
#define ABX_VMM_VIRTIO_QUEUE_INTERNAL_H

#include "virtio/queue.h"
#include "virtio/queue_layout.h"

/* A chain while it is put together. */
typedef struct virtq_builder {
    abx_virtqueue *queue;
    abx_virtqueue_chain *chain;
    struct iovec *pieces;
    uint32_t capacity;
    uint32_t buffers;
} virtq_builder;

/* Adds the buffer that `descriptor` describes, as one piece or several. False: the queue is broken. */
bool virtq_add_buffer(virtq_builder *builder, const virtq_descriptor *descriptor);

/*
 * The table that an indirect `descriptor` describes (2.7.5.3, 2.8.7); `*count` gets its entries, at least one. NULL:
 * the queue is broken.
 */
const uint8_t *virtq_indirect_table(virtq_builder *builder, const virtq_descriptor *descriptor, uint32_t *count);

/* Breaks the queue; false, for the return of whoever found it. */
bool virtq_fail(abx_virtqueue *queue, abx_virtqueue_fault fault);

/*
 * A part of the queue in guest memory: `length` bytes from `gpa`. NULL: the queue is broken. An area that the device
 * writes is looked up for writing.
 */
uint8_t *virtq_area(abx_virtqueue *queue, abx_gpa gpa, uint64_t length, bool for_write);

/* Fills in what builder and chain have in common; `id` and `entries` of the chain. False: nothing there, or broken. */
bool virtq_split_pop(virtq_builder *builder);
bool virtq_packed_pop(virtq_builder *builder);

/* Steps back over the chain that was popped last. */
void virtq_split_unpop(abx_virtqueue *queue, const abx_virtqueue_chain *chain);
void virtq_packed_unpop(abx_virtqueue *queue, const abx_virtqueue_chain *chain);

/* `written` fits the chain. */
void virtq_split_push(abx_virtqueue *queue, const abx_virtqueue_chain *chain, uint32_t written);
void virtq_packed_push(abx_virtqueue *queue, const abx_virtqueue_chain *chain, uint32_t written);

/* Some entries were given back, queue->untold of them: does the driver want to know? */
bool virtq_split_wanted(abx_virtqueue *queue);
bool virtq_packed_wanted(abx_virtqueue *queue);

void virtq_split_quiet(abx_virtqueue *queue);
void virtq_packed_quiet(abx_virtqueue *queue);
bool virtq_split_listen(abx_virtqueue *queue);
bool virtq_packed_listen(abx_virtqueue *queue);

#endif
