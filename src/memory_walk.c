/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_walk.h"

#include "memory_space_internal.h"

#include <inttypes.h>

static abx_status visit_all(const abx_memory_map *map, const abx_memory_entry *entry, abx_gpa gpa, uint64_t length,
                            abx_memory_visit visit, void *context)
{
    uint64_t offset = gpa - entry->gpa;
    for (;;) {
        uint64_t here = entry->length - offset;
        here = here < length ? here : length;
        abx_status status = visit(entry, offset, here, context);
        length -= here;
        if (status != ABX_OK || length == 0) {
            return status;
        }
        entry = abx_memory_map_adjoining(map, entry);
        offset = 0;
    }
}

abx_status abx_memory_walk(abx_memory_space *space, abx_gpa gpa, uint64_t length, const char *operation,
                           abx_memory_visit visit, void *context)
{
    if (length == 0) {
        return ABX_OK;
    }
    uint32_t ticket = abx_grace_enter(&space->grace);
    const abx_memory_map *map = abx_memory_space_map(space);
    const abx_memory_entry *first = abx_memory_map_cover(map, gpa, length);
    abx_status status = first ? visit_all(map, first, gpa, length, visit, context)
                              : abx_fail(ABX_ERR_RANGE, 0, NULL, "%s 0x%" PRIx64 " bytes of guest memory at 0x%" PRIx64,
                                         operation, length, gpa);
    abx_grace_leave(&space->grace, ticket);
    return status;
}
