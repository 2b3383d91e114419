/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_discard.h"

#include "memory_space_internal.h"
#include "memory_walk.h"

#include <inttypes.h>

static abx_status check_piece(const abx_memory_entry *entry, uint64_t offset, uint64_t length, void *context)
{
    (void)offset;
    (void)length;
    (void)context;
    return abx_host_memory_can_discard(&entry->region->memory);
}

/* By the backend, in its own pages, which may be larger than the host's. */
static abx_status discard_by_backend(abx_memory_space *space, const abx_region *region, uint64_t offset,
                                     uint64_t length, uint64_t *first, uint64_t *last)
{
    uint64_t mask = (UINT64_C(1) << space->page_shift) - 1;
    uint64_t begin = (offset + mask) & ~mask;
    uint64_t end = (offset + length) & ~mask;
    abx_status status = ABX_OK;
    if (begin < end)
        status = space->backend->memory_discard(space->backend_vm, &region->slot, begin, end - begin);
    *first = begin;
    *last = begin < end ? end : begin;
    return status;
}

static abx_status discard_piece(const abx_memory_entry *entry, uint64_t offset, uint64_t length, void *context)
{
    abx_memory_space *space = context;
    const abx_host_memory *memory = &entry->region->memory;
    uint64_t first;
    uint64_t last;
    bool by_backend = space->backend->memory_discard && memory->backing == ABX_BACKING_ANONYMOUS;
    abx_status status = by_backend ? discard_by_backend(space, entry->region, offset, length, &first, &last)
                                   : abx_host_memory_discard(memory, offset, length, &first, &last);
    if (status == ABX_OK) {
        /* What the pages hold has changed, as if they had been written. */
        abx_region_mark(entry->region, first, last - first);
    }
    return status;
}

abx_status abx_memory_space_discard(abx_memory_space *space, abx_gpa gpa, uint64_t length)
{
    if (!abx_capabilities_has(space->caps, ABX_CAP_DISCARD)) {
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "With this backend guest memory cannot go back to the host.",
                        "discard memory at 0x%" PRIx64, gpa);
    }
    /* One stay around both walks, so that they see regions of the same kinds. */
    uint32_t ticket = abx_memory_space_enter(space);
    abx_status status = abx_memory_walk(space, gpa, length, "discard", check_piece, NULL);
    if (status == ABX_OK) {
        status = abx_memory_walk(space, gpa, length, "discard", discard_piece, space);
    }
    abx_memory_space_leave(space, ticket);
    return status;
}
