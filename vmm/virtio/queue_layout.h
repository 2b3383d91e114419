/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rings as they are in guest memory (Virtio 1.2, sections 2.7 and 2.8): little endian, as every host is. Whatever both
 * sides read and write is accessed as a whole; acquire and release order what lies around it. Where a store must be
 * seen before a following load is made, both are sequentially consistent: notifications get lost otherwise.
 */
#ifndef ABX_VMM_VIRTIO_QUEUE_LAYOUT_H
#define ABX_VMM_VIRTIO_QUEUE_LAYOUT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the rings are read as they are");

enum {
    DESCRIPTOR_SIZE = 16,

    /* Flags of a descriptor: 2.7.5 and 2.8.13. */
    DESCRIPTOR_NEXT = 1 << 0,
    DESCRIPTOR_WRITE = 1 << 1,
    DESCRIPTOR_INDIRECT = 1 << 2,
    DESCRIPTOR_AVAILABLE = 1 << 7, /* packed */
    DESCRIPTOR_USED = 1 << 15,     /* packed */

    /* Split, the available ring (2.7.6) and the used ring (2.7.8). */
    RING_FLAGS = 0, /* bit 0: no notifications */
    RING_INDEX = 2,
    RING_ENTRIES = 4,
    AVAILABLE_ENTRY_SIZE = 2,
    USED_ENTRY_SIZE = 8,
    RING_EVENT_SIZE = 2, /* behind the entries */
    RING_QUIET = 1,

    /* Packed, a descriptor (2.8.13). */
    PACKED_LENGTH = 8,
    PACKED_ID = 12,
    PACKED_FLAGS = 14,

    /* Packed, event suppression (2.8.14). */
    EVENT_POSITION = 0, /* bits 0 to 14 an entry, bit 15 the wrap counter */
    EVENT_FLAGS = 2,
    EVENT_SIZE = 4,
    EVENT_WRAP = 1 << 15,
    EVENTS_ALL = 0,
    EVENTS_NONE = 1,
    EVENTS_POSITION = 2,
};

/* A descriptor of either kind, as it was when it was read. */
typedef struct virtq_descriptor {
    uint64_t address;
    uint32_t length;
    uint16_t flags;
    uint16_t tail; /* split: the next one; packed: the buffer's id */
} virtq_descriptor;

static inline uint16_t ring_load16(const uint8_t *at, memory_order order)
{
    return atomic_load_explicit((const _Atomic uint16_t *)at, order);
}

static inline void ring_store16(uint8_t *at, uint16_t value, memory_order order)
{
    atomic_store_explicit((_Atomic uint16_t *)at, value, order);
}

static inline void ring_store32(uint8_t *at, uint32_t value)
{
    atomic_store_explicit((_Atomic uint32_t *)at, value, memory_order_relaxed);
}

/* The bytes of a descriptor at any alignment, read once: the compiler may not come back for them. */
static inline void ring_copy(uint8_t bytes[static DESCRIPTOR_SIZE], const uint8_t *at)
{
    memcpy(bytes, at, DESCRIPTOR_SIZE);
    atomic_signal_fence(memory_order_seq_cst);
}

static inline virtq_descriptor ring_split_descriptor(const uint8_t *at)
{
    uint8_t bytes[DESCRIPTOR_SIZE];
    virtq_descriptor descriptor;
    ring_copy(bytes, at);
    memcpy(&descriptor, bytes, DESCRIPTOR_SIZE);
    return descriptor;
}

/* The same but for its last two fields, which change places. */
static inline virtq_descriptor ring_packed_descriptor(const uint8_t *at)
{
    virtq_descriptor descriptor = ring_split_descriptor(at);
    uint16_t id = descriptor.flags;
    descriptor.flags = descriptor.tail;
    descriptor.tail = id;
    return descriptor;
}

_Static_assert(sizeof(virtq_descriptor) == DESCRIPTOR_SIZE, "read as a whole");

#endif
