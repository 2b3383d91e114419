/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_region.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static const uint32_t KNOWN_FLAGS = ABX_MEMORY_READ_ONLY | ABX_MEMORY_LOG_DIRTY;

static abx_status fail_add(const abx_memory_region *region, abx_status status, const char *advice)
{
    return abx_fail(status, 0, advice, "add memory at 0x%" PRIx64 " (0x%" PRIx64 " bytes)", region->gpa,
                    region->length);
}

static uint64_t granule_of(const abx_memory_region *region, const abx_capabilities *caps)
{
    switch (region->huge_pages) {
    case ABX_HUGE_2M:
        return UINT64_C(2) << 20;
    case ABX_HUGE_1G:
        return UINT64_C(1) << 30;
    case ABX_HUGE_NONE:
    case ABX_HUGE_TRANSPARENT:
    case ABX_HUGE_NEVER:
        break;
    }
    return caps->page_size;
}

static abx_status check_range(const abx_memory_region *region, const abx_capabilities *caps)
{
    if (region->length == 0) {
        return fail_add(region, ABX_ERR_INVALID, "The length must not be 0.");
    }
    uint64_t granule = granule_of(region, caps);
    if ((region->gpa | region->length | region->offset) % granule != 0) {
        return abx_fail(ABX_ERR_INVALID, 0, "Address, length and offset must be multiples of the page size.",
                        "add memory at 0x%" PRIx64 " (0x%" PRIx64 " bytes from offset 0x%" PRIx64
                        "; pages of 0x%" PRIx64 " bytes)",
                        region->gpa, region->length, region->offset, granule);
    }
    /* The last byte's address, so that a region may end at 2^64. */
    uint64_t last;
    if (__builtin_add_overflow(region->gpa, region->length - 1, &last) ||
        (caps->phys_bits > 0 && caps->phys_bits < 64 && last >> caps->phys_bits != 0)) {
        return abx_fail(ABX_ERR_RANGE, 0, NULL,
                        "add memory at 0x%" PRIx64 " (0x%" PRIx64 " bytes): guest addresses have %u bits", region->gpa,
                        region->length, caps->phys_bits ? caps->phys_bits : 64);
    }
    return ABX_OK;
}

static abx_status check_backing(const abx_memory_region *region, const abx_capabilities *caps)
{
    bool pool = region->huge_pages == ABX_HUGE_2M || region->huge_pages == ABX_HUGE_1G;
    switch (region->backing) {
    case ABX_BACKING_ANONYMOUS:
    case ABX_BACKING_MEMFD:
        if (region->offset != 0) {
            return fail_add(region, ABX_ERR_INVALID, "Only files have an offset.");
        }
        return ABX_OK;
    case ABX_BACKING_FILE_SHARED:
    case ABX_BACKING_FILE_PRIVATE:
        if (region->fd < 0) {
            return fail_add(region, ABX_ERR_INVALID, "This backing needs the descriptor of a file.");
        }
        if (pool) {
            return fail_add(region, ABX_ERR_NOT_SUPPORTED,
                            "A file's pages are its file system's: give a hugetlbfs file.");
        }
        return ABX_OK;
    case ABX_BACKING_HOST: {
        uintptr_t end;
        if (!region->host || (uintptr_t)region->host % caps->page_size != 0 ||
            __builtin_add_overflow((uintptr_t)region->host, region->length, &end) || region->offset != 0) {
            return fail_add(region, ABX_ERR_INVALID, "This backing needs page-aligned memory in `host`.");
        }
        if (region->huge_pages != ABX_HUGE_NONE) {
            return fail_add(region, ABX_ERR_NOT_SUPPORTED,
                            "The memory is the caller's: so is the choice of its pages.");
        }
        return ABX_OK;
    }
    }
    return fail_add(region, ABX_ERR_INVALID, "This backing is not known.");
}

abx_status abx_region_check(const abx_memory_region *region, const abx_capabilities *caps)
{
    if (!region || region->size != sizeof(*region)) {
        return abx_fail(ABX_ERR_INVALID, 0, "Start from ABX_MEMORY_REGION_INIT.", "add memory");
    }
    if (region->flags & ~KNOWN_FLAGS) {
        return fail_add(region, ABX_ERR_INVALID, "There are flags that are not known.");
    }
    if ((uint32_t)region->huge_pages > ABX_HUGE_NEVER) {
        return fail_add(region, ABX_ERR_INVALID, "This kind of huge pages is not known.");
    }
    if (region->flags & ABX_MEMORY_READ_ONLY && !abx_capabilities_has(caps, ABX_CAP_READ_ONLY_MEMORY)) {
        return fail_add(region, ABX_ERR_NOT_SUPPORTED, "This backend has no read-only memory.");
    }
    if (region->flags & ABX_MEMORY_LOG_DIRTY && !abx_capabilities_has(caps, ABX_CAP_DIRTY_LOG)) {
        return fail_add(region, ABX_ERR_NOT_SUPPORTED, "This backend keeps no log of written pages.");
    }
    abx_status status = check_range(region, caps);
    return status == ABX_OK ? check_backing(region, caps) : status;
}

abx_status abx_region_prepare_log(abx_region *region, uint32_t page_shift)
{
    if (region->log) {
        abx_dirty_log_reset(region->log);
        return ABX_OK;
    }
    region->log = abx_dirty_log_new(region->slot.length, page_shift);
    if (!region->log) {
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "log written pages of memory at 0x%" PRIx64, region->slot.gpa);
    }
    return ABX_OK;
}

abx_status abx_region_new(abx_region **out, const abx_memory_region *region, uint32_t page_shift)
{
    abx_region *made = calloc(1, sizeof(*made));
    if (!made) {
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "add memory at 0x%" PRIx64, region->gpa);
    }
    abx_status status = abx_host_memory_map(&made->memory, region);
    if (status != ABX_OK) {
        goto fail;
    }
    made->slot.flags = region->flags;
    made->slot.gpa = region->gpa;
    made->slot.length = region->length;
    made->slot.host = made->memory.address;
    made->huge_pages = region->huge_pages;
    made->read_only = region->flags & ABX_MEMORY_READ_ONLY;
    made->offset = region->offset;
    if (region->flags & ABX_MEMORY_LOG_DIRTY) {
        status = abx_region_prepare_log(made, page_shift);
        if (status != ABX_OK) {
            goto fail_mapped;
        }
    }
    atomic_init(&made->dirty, made->log);
    *out = made;
    return ABX_OK;

fail_mapped:
    abx_host_memory_unmap(&made->memory);
fail:
    free(made);
    return status;
}

void abx_region_free(abx_region *region)
{
    if (region) {
        abx_host_memory_unmap(&region->memory);
        free(region->log);
        free(region);
    }
}

abx_memory_info abx_region_info(const abx_region *region)
{
    return (abx_memory_info){
        .gpa = region->slot.gpa,
        .length = region->slot.length,
        .flags = region->slot.flags,
        .slot = region->slot.index,
        .backing = region->memory.backing,
        .huge_pages = region->huge_pages,
        .host = region->slot.host,
        .fd = region->memory.fd,
        .offset = region->offset,
    };
}
