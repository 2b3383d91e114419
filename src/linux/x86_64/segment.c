/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "segment.h"

/* Bits of the access rights (SDM vol. 3, 24.4.1, table 24-2); bits 8-11 and those above 16 are reserved. */
enum {
    SHIFT_S = 4,
    SHIFT_DPL = 5,
    SHIFT_PRESENT = 7,
    SHIFT_AVL = 12,
    SHIFT_LONG = 13,
    SHIFT_DB = 14,
    SHIFT_GRANULARITY = 15,
    SHIFT_UNUSABLE = 16,
    ATTRIBUTES_MASK = 0x1f0ff,
};

uint32_t abx_segment_attributes(const struct kvm_segment *segment)
{
    return (segment->type & 0xfu) | (segment->s & 1u) << SHIFT_S | (segment->dpl & 3u) << SHIFT_DPL |
           (segment->present & 1u) << SHIFT_PRESENT | (segment->avl & 1u) << SHIFT_AVL |
           (segment->l & 1u) << SHIFT_LONG | (segment->db & 1u) << SHIFT_DB | (segment->g & 1u) << SHIFT_GRANULARITY |
           (segment->unusable & 1u) << SHIFT_UNUSABLE;
}

static void set_attributes(struct kvm_segment *segment, uint32_t attributes)
{
    segment->type = attributes & 0xf;
    segment->s = attributes >> SHIFT_S & 1;
    segment->dpl = attributes >> SHIFT_DPL & 3;
    segment->present = attributes >> SHIFT_PRESENT & 1;
    segment->avl = attributes >> SHIFT_AVL & 1;
    segment->l = attributes >> SHIFT_LONG & 1;
    segment->db = attributes >> SHIFT_DB & 1;
    segment->g = attributes >> SHIFT_GRANULARITY & 1;
    segment->unusable = attributes >> SHIFT_UNUSABLE & 1;
}

uint64_t abx_segment_get(const struct kvm_segment *segment, uint32_t field)
{
    switch (field) {
    case ABX_X86_SEG_SELECTOR:
        return segment->selector;
    case ABX_X86_SEG_BASE:
        return segment->base;
    case ABX_X86_SEG_LIMIT:
        return segment->limit;
    default:
        return abx_segment_attributes(segment);
    }
}

bool abx_segment_set(struct kvm_segment *segment, uint32_t field, uint64_t value)
{
    switch (field) {
    case ABX_X86_SEG_SELECTOR:
        if (value > UINT16_MAX)
            return false;
        segment->selector = (uint16_t)value;
        return true;
    case ABX_X86_SEG_BASE:
        segment->base = value;
        return true;
    case ABX_X86_SEG_LIMIT:
        if (value > UINT32_MAX)
            return false;
        segment->limit = (uint32_t)value;
        return true;
    default:
        if (value & ~(uint64_t)ATTRIBUTES_MASK)
            return false;
        set_attributes(segment, (uint32_t)value);
        return true;
    }
}
