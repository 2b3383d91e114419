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

static abx_status discard_piece(const abx_memory_entry *entry, uint64_t offset, uint64_t length, void *context)
{
    (void)context;
    uint64_t first;
    uint64_t last;
    abx_status status = abx_host_memory_discard(&entry->region->memory, offset, length, &first, &last);
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
        status = abx_memory_walk(space, gpa, length, "discard", discard_piece, NULL);
    }
    abx_memory_space_leave(space, ticket);
    return status;
}
