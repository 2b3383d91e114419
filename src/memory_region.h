/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* One region of guest memory: the one truth about it. */
#ifndef ABX_SRC_MEMORY_REGION_H
#define ABX_SRC_MEMORY_REGION_H

#include "memory_host.h"
#include "memory_log.h"

#include <arcbox/backend.h>

#include <stdatomic.h>

typedef struct abx_region {
    abx_slot slot; /* as the backend knows it; its flags change under the space's lock */
    abx_host_memory memory;
    abx_huge_pages huge_pages;
    bool read_only;                 /* constant, unlike the slot's flags: for readers without the lock */
    uint64_t offset;                /* FILE_*: where in the file */
    abx_dirty_log *log;             /* made when first needed, kept until the end; under the space's lock */
    _Atomic(abx_dirty_log *) dirty; /* where writes of the host are entered; NULL while the log is off */
} abx_region;

/* Whether `region` can be: structure, flags, backing, alignment, address width, what `caps` allow. Errors: as
 * abx_memory_add(). */
abx_status abx_region_check(const abx_memory_region *region, const abx_capabilities *caps);

/* Maps a region that was checked. It has no slot number yet. Errors: as abx_memory_add(). */
abx_status abx_region_new(abx_region **out, const abx_memory_region *region, uint32_t page_shift);

/* Unmaps and frees it. NULL is allowed. */
void abx_region_free(abx_region *region);

/* What abx_memory_list() says of it. */
abx_memory_info abx_region_info(const abx_region *region);

/* Makes the region's log if it has none; clean in any case. Errors: ABX_ERR_NO_MEMORY. */
abx_status abx_region_prepare_log(abx_region *region, uint32_t page_shift);

/* Enters a written range, given by offsets within the region, if the log is on. */
static inline void abx_region_mark(abx_region *region, uint64_t offset, uint64_t length)
{
    abx_dirty_log *log = atomic_load_explicit(&region->dirty, memory_order_acquire);
    if (__builtin_expect(log != NULL, 0)) {
        abx_dirty_log_mark(log, offset, length);
    }
}

#endif
