/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Packed virtqueues: Virtio 1.2, section 2.8. */
#include "virtio/queue_internal.h"

static uint8_t *descriptor_ring(abx_virtqueue *queue, bool for_write)
{
    return virtq_area(queue, queue->layout.descriptors, (uint64_t)DESCRIPTOR_SIZE * queue->layout.size, for_write);
}

/* Goes on by `entries`, at most once around. */
static void advance(const abx_virtqueue *queue, uint16_t *entry, bool *wrap, uint32_t entries)
{
    uint32_t next = *entry + entries;
    if (next >= queue->layout.size) {
        next -= queue->layout.size;
        *wrap = !*wrap;
    }
    *entry = (uint16_t)next;
}

static bool is_available(const abx_virtqueue *queue, uint16_t flags)
{
    bool available = flags & DESCRIPTOR_AVAILABLE;
    bool used = flags & DESCRIPTOR_USED;
    return available == queue->available_wrap && used != queue->available_wrap;
}

/* 2.8.7: all of the table is the chain, and of the flags only WRITE means something. */
static bool add_table(virtq_builder *builder, const virtq_descriptor *descriptor)
{
    uint32_t count;
    const uint8_t *table = virtq_indirect_table(builder, descriptor, &count);
    if (!table)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        virtq_descriptor buffer = ring_packed_descriptor(table + (size_t)i * DESCRIPTOR_SIZE);
        if (!virtq_add_buffer(builder, &buffer))
            return false;
    }
    return true;
}

/* The chain from `descriptor`, the first, on. `*entries` gets how many it has in the ring. A chain is either in the
 * ring or in a table (2.8.5). */
static bool follow(virtq_builder *builder, const uint8_t *ring, virtq_descriptor *descriptor, uint32_t *entries)
{
    abx_virtqueue *queue = builder->queue;
    uint32_t entry = queue->next_available;
    *entries = 1;
    if (descriptor->flags & DESCRIPTOR_INDIRECT)
        return add_table(builder, descriptor);
    for (;; ++*entries) {
        if (*entries > queue->layout.size - queue->in_flight)
            return virtq_fail(queue, ABX_VIRTQUEUE_TOO_LONG);
        if (descriptor->flags & DESCRIPTOR_INDIRECT)
            return virtq_fail(queue, ABX_VIRTQUEUE_BAD_INDIRECT);
        if (!virtq_add_buffer(builder, descriptor))
            return false;
        if (!(descriptor->flags & DESCRIPTOR_NEXT))
            return true;
        entry = entry + 1 == queue->layout.size ? 0 : entry + 1;
        *descriptor = ring_packed_descriptor(ring + (size_t)entry * DESCRIPTOR_SIZE);
    }
}

bool virtq_packed_pop(virtq_builder *builder)
{
    abx_virtqueue *queue = builder->queue;
    const uint8_t *ring = descriptor_ring(queue, false);
    if (!ring)
        return false;
    const uint8_t *first = ring + (size_t)queue->next_available * DESCRIPTOR_SIZE;
    uint16_t flags = ring_load16(first + PACKED_FLAGS, memory_order_acquire);
    if (!is_available(queue, flags))
        return false;
    if (queue->in_flight == queue->layout.size)
        return virtq_fail(queue, ABX_VIRTQUEUE_BAD_INDEX);
    virtq_descriptor descriptor = ring_packed_descriptor(first);
    descriptor.flags = flags;
    uint32_t entries;
    if (!follow(builder, ring, &descriptor, &entries))
        return false;
    builder->chain->id = descriptor.tail; /* 2.8.6: of the last one */
    builder->chain->entries = (uint16_t)entries;
    queue->in_flight += entries;
    advance(queue, &queue->next_available, &queue->available_wrap, entries);
    return true;
}

void virtq_packed_unpop(abx_virtqueue *queue, const abx_virtqueue_chain *chain)
{
    uint32_t entry = queue->next_available;
    if (entry < chain->entries) {
        entry += queue->layout.size;
        queue->available_wrap = !queue->available_wrap;
    }
    queue->next_available = (uint16_t)(entry - chain->entries);
    queue->in_flight -= chain->entries;
}

void virtq_packed_push(abx_virtqueue *queue, const abx_virtqueue_chain *chain, uint32_t written)
{
    uint8_t *ring = descriptor_ring(queue, true);
    if (!ring)
        return;
    uint8_t *place = ring + (size_t)queue->next_used * DESCRIPTOR_SIZE;
    uint16_t flags = queue->used_wrap ? DESCRIPTOR_AVAILABLE | DESCRIPTOR_USED : 0;
    if (written > 0)
        flags |= DESCRIPTOR_WRITE; /* 2.8.3 */
    ring_store32(place + PACKED_LENGTH, written);
    ring_store16(place + PACKED_ID, chain->id, memory_order_relaxed);
    ring_store16(place + PACKED_FLAGS, flags, memory_order_seq_cst);
    advance(queue, &queue->next_used, &queue->used_wrap, chain->entries);
    queue->in_flight -= chain->entries;
    queue->untold += chain->entries;
}

/* 2.8.10: all, none, or when an entry that the driver named was used. */
bool virtq_packed_wanted(abx_virtqueue *queue)
{
    const uint8_t *events = virtq_area(queue, queue->layout.driver, EVENT_SIZE, false);
    if (!events)
        return false;
    uint16_t flags = ring_load16(events + EVENT_FLAGS, memory_order_seq_cst);
    if (flags == EVENTS_NONE)
        return false;
    if (flags != EVENTS_POSITION || !queue->layout.event_index)
        return true;
    uint16_t position = ring_load16(events + EVENT_POSITION, memory_order_seq_cst);
    bool wrap = position & EVENT_WRAP;
    uint32_t named = position & (EVENT_WRAP - 1u);
    /* How far back the named entry is, if it is of this round or the one before; 0 or a wrap of it: still to come. */
    uint32_t now = queue->next_used + (wrap == queue->used_wrap ? 0 : queue->layout.size);
    return now > named && now - named <= queue->untold;
}

void virtq_packed_quiet(abx_virtqueue *queue)
{
    uint8_t *events = virtq_area(queue, queue->layout.device, EVENT_SIZE, true);
    if (events)
        ring_store16(events + EVENT_FLAGS, EVENTS_NONE, memory_order_relaxed);
}

bool virtq_packed_listen(abx_virtqueue *queue)
{
    uint8_t *events = virtq_area(queue, queue->layout.device, EVENT_SIZE, true);
    const uint8_t *ring = descriptor_ring(queue, false);
    if (!events || !ring)
        return false;
    uint16_t flags = EVENTS_ALL;
    if (queue->layout.event_index) {
        uint16_t position = (uint16_t)(queue->next_available | (queue->available_wrap ? EVENT_WRAP : 0));
        ring_store16(events + EVENT_POSITION, position, memory_order_relaxed);
        flags = EVENTS_POSITION;
    }
    ring_store16(events + EVENT_FLAGS, flags, memory_order_seq_cst);
    const uint8_t *next = ring + (size_t)queue->next_available * DESCRIPTOR_SIZE;
    return is_available(queue, ring_load16(next + PACKED_FLAGS, memory_order_seq_cst));
}
