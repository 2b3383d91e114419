/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio_queue.h"

#include "board.h"

enum {
    /* Flags of descriptors: 2.7.5, 2.8.13. */
    NEXT = 1,
    WRITE = 2,
    INDIRECT = 4,
    AVAILABLE = 1 << 7,
    USED = 1 << 15,

    /* Split rings: 2.7.6, 2.7.8. */
    INDEX = 1,
    RING = 2,
    NO_NOTIFY = 1,

    /* Packed, event suppression: 2.8.14. */
    POSITION = 0,
    WHEN = 1,
    WHEN_DISABLED = 1,
    WHEN_POSITION = 2,
    WRAP = 1 << 15,
};

static uint16_t load(const uint16_t *at)
{
    return *(const volatile uint16_t *)at;
}

static void store(uint16_t *at, uint16_t value)
{
    *(volatile uint16_t *)at = value;
}

void queue_init(virtio_queue *queue, bool packed, bool indirect, bool events)
{
    volatile uint64_t *words = (volatile uint64_t *)queue;
    for (uint32_t i = 0; i < sizeof(*queue) / 8; i++)
        words[i] = 0;
    queue->packed = packed;
    queue->indirect = indirect;
    queue->events = events;
    queue->free = (1u << QUEUE_CHAINS) - 1;
    queue->wrap = queue->used_wrap = true;
}

static uint32_t take_id(virtio_queue *queue)
{
    CHECK(queue->free != 0);
    uint32_t id = 0;
    while (!(queue->free >> id & 1))
        id++;
    queue->free &= ~(1u << id);
    return id;
}

/* The flags of buffer `i` of `count`. */
static uint16_t flags_of(const virtio_buffer *buffers, uint32_t i, uint32_t count)
{
    return (uint16_t)((i + 1 < count ? NEXT : 0) | (buffers[i].writable ? WRITE : 0));
}

static void describe(virtio_descriptor *descriptor, const volatile void *address, uint32_t length)
{
    descriptor->address = (uint64_t)address;
    descriptor->length = length;
}

/* A table of the chain's own in the place of its buffers: 2.7.5.3, 2.8.7. */
static virtio_buffer make_table(virtio_queue *queue, uint32_t id, const virtio_buffer *buffers, uint32_t count)
{
    virtio_descriptor *table = queue->tables[id];
    for (uint32_t i = 0; i < count; i++) {
        uint16_t flags = flags_of(buffers, i, count);
        describe(&table[i], buffers[i].address, buffers[i].length);
        table[i].words[0] = queue->packed ? 0 : flags;
        table[i].words[1] = queue->packed ? flags & WRITE : (uint16_t)(i + 1);
    }
    return (virtio_buffer){ table, count * (uint32_t)sizeof(*table), false };
}

/* Each id has descriptors of its own. */
static void add_split(virtio_queue *queue, uint32_t id, const virtio_buffer *buffers, uint32_t count, uint16_t more)
{
    uint32_t first = id * QUEUE_BUFFERS;
    for (uint32_t i = 0; i < count; i++) {
        virtio_descriptor *descriptor = &queue->descriptors[first + i];
        describe(descriptor, buffers[i].address, buffers[i].length);
        descriptor->words[0] = flags_of(buffers, i, count) | more;
        descriptor->words[1] = (uint16_t)(first + i + 1);
    }
    queue->driver[RING + queue->next % QUEUE_SIZE] = (uint16_t)first;
    memory_barrier();
    store(&queue->driver[INDEX], ++queue->next);
    queue->added++;
}

/* The first descriptor's flags come last: they make all of them available. */
static void add_packed(virtio_queue *queue, uint32_t id, const virtio_buffer *buffers, uint32_t count, uint16_t more)
{
    virtio_descriptor *first = &queue->descriptors[queue->next];
    uint16_t first_flags = 0;
    for (uint32_t i = 0; i < count; i++) {
        virtio_descriptor *descriptor = &queue->descriptors[queue->next];
        uint16_t flags = flags_of(buffers, i, count) | more | (queue->wrap ? AVAILABLE : USED);
        describe(descriptor, buffers[i].address, buffers[i].length);
        descriptor->words[0] = (uint16_t)id;
        if (i == 0)
            first_flags = flags;
        else
            descriptor->words[1] = flags;
        queue->next = (uint16_t)((queue->next + 1) % QUEUE_SIZE);
        queue->wrap ^= queue->next == 0;
    }
    queue->lengths[id] = (uint16_t)count;
    queue->added = (uint16_t)(queue->added + count);
    memory_barrier();
    store(&first->words[1], first_flags);
}

uint32_t queue_add(virtio_queue *queue, const virtio_buffer *buffers, uint32_t count)
{
    uint32_t id = take_id(queue);
    CHECK(count <= QUEUE_BUFFERS);
    virtio_buffer table;
    uint16_t more = 0;
    if (queue->indirect) {
        table = make_table(queue, id, buffers, count);
        buffers = &table;
        count = 1;
        more = INDIRECT;
    }
    if (queue->packed)
        add_packed(queue, id, buffers, count, more);
    else
        add_split(queue, id, buffers, count, more);
    return id;
}

/* 2.7.10: the position was among those that were added. */
static bool split_wants(const virtio_queue *queue, uint16_t added)
{
    if (!queue->events)
        return !(load(&queue->device[0]) & NO_NOTIFY);
    uint16_t event = load(&queue->device[RING + 4 * QUEUE_SIZE]);
    return (uint16_t)(queue->next - event - 1) < added;
}

/* The same in entries of a ring whose wrap counter has passed it or not. */
static bool packed_wants(const virtio_queue *queue, uint16_t added)
{
    uint16_t when = load(&queue->device[WHEN]) & 3;
    if (when != WHEN_POSITION)
        return when != WHEN_DISABLED;
    uint16_t position = load(&queue->device[POSITION]);
    uint16_t event = position & (uint16_t)~WRAP;
    if ((position & WRAP) != (queue->wrap ? WRAP : 0))
        event = (uint16_t)(event - QUEUE_SIZE);
    return (uint16_t)(queue->next - event - 1) < added;
}

bool queue_wants_notification(virtio_queue *queue)
{
    uint16_t added = queue->added;
    queue->added = 0;
    memory_barrier();
    return queue->packed ? packed_wants(queue, added) : split_wants(queue, added);
}

static bool take_split(virtio_queue *queue, uint32_t *id, uint32_t *length)
{
    if (queue->events)
        store(&queue->driver[RING + QUEUE_SIZE], queue->next_used);
    memory_barrier();
    if (load(&queue->device[INDEX]) == queue->next_used)
        return false;
    memory_barrier();
    const volatile uint32_t *used =
        (const volatile uint32_t *)&queue->device[RING + 4 * (queue->next_used % QUEUE_SIZE)];
    *id = used[0] / QUEUE_BUFFERS;
    *length = used[1];
    CHECK(used[0] % QUEUE_BUFFERS == 0);
    queue->next_used++;
    return true;
}

static bool take_packed(virtio_queue *queue, uint32_t *id, uint32_t *length)
{
    if (queue->events) {
        store(&queue->driver[POSITION], queue->next_used | (queue->used_wrap ? WRAP : 0));
        store(&queue->driver[WHEN], WHEN_POSITION);
    }
    memory_barrier();
    const virtio_descriptor *used = &queue->descriptors[queue->next_used];
    uint16_t flags = load(&used->words[1]);
    bool available = flags & AVAILABLE;
    if (available != (bool)(flags & USED) || available != queue->used_wrap)
        return false;
    memory_barrier();
    *id = load(&used->words[0]);
    *length = *(const volatile uint32_t *)&used->length;
    CHECK(*id < QUEUE_CHAINS);
    queue->next_used = (uint16_t)(queue->next_used + queue->lengths[*id]);
    queue->used_wrap ^= queue->next_used >= QUEUE_SIZE;
    queue->next_used %= QUEUE_SIZE;
    return true;
}

bool queue_take(virtio_queue *queue, uint32_t *id, uint32_t *length)
{
    if (!(queue->packed ? take_packed(queue, id, length) : take_split(queue, id, length)))
        return false;
    CHECK(*id < QUEUE_CHAINS && !(queue->free >> *id & 1));
    queue->free |= 1u << *id;
    return true;
}
