/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the operations on a space share. */
#ifndef ABX_SRC_MEMORY_SPACE_INTERNAL_H
#define ABX_SRC_MEMORY_SPACE_INTERNAL_H

#include "memory_guard.h"
#include "memory_map.h"
#include "memory_slots.h"
#include "memory_space.h"

struct abx_memory_space {
    _Atomic(abx_memory_map *) map; /* never NULL; loaded within a stay or under the lock */
    uint32_t page_shift;
    const abx_backend *backend;
    void *backend_vm;
    const abx_capabilities *caps;
    abx_grace grace;
    pthread_mutex_t lock; /* one change at a time; never held while readers are waited for */
    abx_slot_set slots;
    abx_memory_map *retired; /* maps that readers may still be in */
};

/* The map now, for a reader within a stay and for the holder of the lock. */
static inline const abx_memory_map *abx_memory_space_map(abx_memory_space *space)
{
    return atomic_load(&space->map);
}

/* Under the lock: the region that starts at `gpa`; NULL after abx_fail(ABX_ERR_NOT_FOUND). `operation` is for that. */
abx_region *abx_memory_space_region(abx_memory_space *space, abx_gpa gpa, const char *operation);

#endif
