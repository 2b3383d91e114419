/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Split virtqueues: Virtio 1.2, section 2.7. Indices run freely in 16 bits; an entry is the index modulo the size. */
#include "virtio/queue_internal.h"

static uint64_t available_size(const abx_virtqueue *queue)
{
    return RING_ENTRIES + (uint64_t)AVAILABLE_ENTRY_SIZE * queue->layout.size +
           (queue->layout.event_index ? RING_EVENT_SIZE : 0);
}

static uint64_t used_size(const abx_virtqueue *queue)
{
    return RING_ENTRIES + (uint64_t)USED_ENTRY_SIZE * queue->layout.size +
           (queue->layout.event_index ? RING_EVENT_SIZE : 0);
}

static uint8_t *available_ring(abx_virtqueue *queue)
{
    return virtq_area(queue, queue->layout.driver, available_size(queue), false);
}

static uint8_t *used_ring(abx_virtqueue *queue)
{
    return virtq_area(queue, queue->layout.device, used_size(queue), true);
}

static uint32_t entry(const abx_virtqueue *queue, uint16_t index)
{
    return index & (queue->layout.size - 1);
}

/* Follows a chain through a table of `count` descriptors. Within an indirect table there is no other (2.7.5.3.1). */
static bool follow(virtq_builder *builder, const uint8_t *table, uint32_t count, uint16_t index, bool nested)
{
    abx_virtqueue *queue = builder->queue;
    for (;;) {
        if (index >= count)
            return virtq_fail(queue, ABX_VIRTQUEUE_BAD_NEXT);
        virtq_descriptor descriptor = ring_split_descriptor(table + (size_t)index * DESCRIPTOR_SIZE);
        if (descriptor.flags & DESCRIPTOR_INDIRECT) {
            if (nested)
                return virtq_fail(queue, ABX_VIRTQUEUE_BAD_INDIRECT);
            const uint8_t *inner = virtq_indirect_table(builder, &descriptor, &count);
            return inner && follow(builder, inner, count, 0, true);
        }
        if (!virtq_add_buffer(builder, &descriptor))
            return false;
        if (!(descriptor.flags & DESCRIPTOR_NEXT))
            return true;
        index = descriptor.tail;
    }
}

bool virtq_split_pop(virtq_builder *builder)
{
    abx_virtqueue *queue = builder->queue;
    uint32_t size = queue->layout.size;
    const uint8_t *ring = available_ring(queue);
    if (!ring)
        return false;
    uint16_t available = (uint16_t)(ring_load16(ring + RING_INDEX, memory_order_acquire) - queue->next_available);
    if (available == 0)
        return false;
    if (available > size - queue->in_flight)
        return virtq_fail(queue, ABX_VIRTQUEUE_BAD_INDEX);
    size_t place = RING_ENTRIES + (size_t)AVAILABLE_ENTRY_SIZE * entry(queue, queue->next_available);
    uint16_t head = ring_load16(ring + place, memory_order_relaxed);
    if (head >= size)
        return virtq_fail(queue, ABX_VIRTQUEUE_BAD_HEAD);
    const uint8_t *table = virtq_area(queue, queue->layout.descriptors, (uint64_t)DESCRIPTOR_SIZE * size, false);
    if (!table || !follow(builder, table, size, head, false))
        return false;
    builder->chain->id = head;
    builder->chain->entries = 1;
    queue->next_available++;
    queue->in_flight++;
    return true;
}

void virtq_split_unpop(abx_virtqueue *queue, const abx_virtqueue_chain *chain)
{
    queue->next_available = (uint16_t)(queue->next_available - chain->entries);
    queue->in_flight -= chain->entries;
}

void virtq_split_push(abx_virtqueue *queue, const abx_virtqueue_chain *chain, uint32_t written)
{
    uint8_t *ring = used_ring(queue);
    if (!ring)
        return;
    uint8_t *place = ring + RING_ENTRIES + (size_t)USED_ENTRY_SIZE * entry(queue, queue->next_used);
    ring_store32(place, chain->id);
    ring_store32(place + 4, written);
    queue->next_used++;
    queue->in_flight--;
    queue->untold++;
    ring_store16(ring + RING_INDEX, queue->next_used, memory_order_seq_cst);
}

/* 2.7.7: by a flag, or, with event index, for the entry after the index that the driver named. */
bool virtq_split_wanted(abx_virtqueue *queue)
{
    const uint8_t *ring = available_ring(queue);
    if (!ring)
        return false;
    if (!queue->layout.event_index)
        return !(ring_load16(ring + RING_FLAGS, memory_order_seq_cst) & RING_QUIET);
    const uint8_t *event = ring + available_size(queue) - RING_EVENT_SIZE;
    uint16_t passed = (uint16_t)(queue->next_used - ring_load16(event, memory_order_seq_cst));
    return passed > 0 && passed <= queue->untold;
}

/* 2.7.10: with event index the index of the past that was named last keeps the driver quiet. */
void virtq_split_quiet(abx_virtqueue *queue)
{
    uint8_t *ring = queue->layout.event_index ? NULL : used_ring(queue);
    if (ring)
        ring_store16(ring + RING_FLAGS, RING_QUIET, memory_order_relaxed);
}

bool virtq_split_listen(abx_virtqueue *queue)
{
    uint8_t *used = used_ring(queue);
    const uint8_t *available = available_ring(queue);
    if (!used || !available)
        return false;
    if (queue->layout.event_index)
        ring_store16(used + used_size(queue) - RING_EVENT_SIZE, queue->next_available, memory_order_seq_cst);
    else
        ring_store16(used + RING_FLAGS, 0, memory_order_seq_cst);
    return ring_load16(available + RING_INDEX, memory_order_seq_cst) != queue->next_available;
}
