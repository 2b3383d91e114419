/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ram.h"

#include <stdlib.h>

abx_status abx_ram_open(abx_ram *out, abx_vm *vm)
{
    const abx_capabilities *caps = abx_hypervisor_capabilities(abx_vm_get_hypervisor(vm));
    abx_ram ram = { .vm = vm,
                    .page_size = caps->page_size,
                    .can_discard = abx_capabilities_has(caps, ABX_CAP_DISCARD) };
    size_t there = 0;
    abx_status status = abx_memory_list(vm, NULL, 0, &there);
    while (status == ABX_OK && there > ram.count) { /* more may be added meanwhile */
        ram.count = there;
        abx_memory_info *regions = realloc(ram.regions, there * sizeof(*regions));
        if (!regions) {
            status = abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "list the guest's memory");
            break;
        }
        ram.regions = regions;
        status = abx_memory_list(vm, ram.regions, ram.count, &there);
    }
    if (status != ABX_OK) {
        abx_ram_free(&ram);
        return status;
    }
    ram.count = there;
    *out = ram;
    return ABX_OK;
}

void abx_ram_free(abx_ram *ram)
{
    free(ram->regions);
    ram->regions = NULL;
    ram->count = 0;
}

bool abx_ram_holds(const abx_ram *ram, abx_gpa gpa, uint64_t length)
{
    for (size_t i = 0; i < ram->count && length > 0; i++) {
        const abx_memory_info *region = &ram->regions[i];
        if (gpa < region->gpa) {
            return false;
        }
        if (gpa - region->gpa >= region->length) {
            continue;
        }
        if (region->flags & ABX_MEMORY_READ_ONLY) {
            return false;
        }
        uint64_t here = region->length - (gpa - region->gpa);
        if (length <= here) {
            return true;
        }
        gpa += here;
        length -= here;
    }
    return length == 0;
}

static abx_status no_ram(abx_gpa gpa, uint64_t length)
{
    return abx_fail(ABX_ERR_RANGE, 0, NULL, "put %llu bytes into guest memory at 0x%llx", (unsigned long long)length,
                    (unsigned long long)gpa);
}

abx_status abx_ram_read(const abx_ram *ram, abx_gpa gpa, const abx_source *source, uint64_t offset, uint64_t length)
{
    abx_memory_guard guard = abx_memory_enter(ram->vm);
    abx_status status = ABX_OK;
    while (length > 0 && status == ABX_OK) {
        uint64_t here = 0;
        void *to = abx_memory_span(ram->vm, gpa, length, true, &here);
        if (!to) {
            status = no_ram(gpa, length);
            break;
        }
        status = abx_source_read(source, offset, to, here);
        gpa += here;
        offset += here;
        length -= here;
    }
    abx_memory_leave(ram->vm, guard);
    return status;
}

/* Whether giving pages of the region back makes them zeros. */
static bool is_discardable(const abx_ram *ram, const abx_memory_info *region)
{
    if (!ram->can_discard) {
        return false;
    }
    return region->backing == ABX_BACKING_ANONYMOUS || region->backing == ABX_BACKING_MEMFD;
}

static uint64_t discard_unit(const abx_ram *ram, const abx_memory_info *region)
{
    switch (region->huge_pages) {
    case ABX_HUGE_2M:
        return 2u << 20;
    case ABX_HUGE_1G:
        return 1u << 30;
    default:
        return ram->page_size;
    }
}

static abx_status zero_in_region(const abx_ram *ram, const abx_memory_info *region, abx_gpa gpa, uint64_t length)
{
    uint64_t unit = discard_unit(ram, region);
    abx_gpa first = (gpa + unit - 1) & ~(unit - 1);
    abx_gpa end = (gpa + length) & ~(unit - 1);
    if (!is_discardable(ram, region) || first >= end) {
        return abx_memory_fill(ram->vm, gpa, 0, length);
    }
    abx_status status = abx_memory_discard(ram->vm, first, end - first);
    if (status == ABX_OK && first > gpa) {
        status = abx_memory_fill(ram->vm, gpa, 0, first - gpa);
    }
    if (status == ABX_OK && end < gpa + length) {
        status = abx_memory_fill(ram->vm, end, 0, gpa + length - end);
    }
    return status;
}

abx_status abx_ram_zero(const abx_ram *ram, abx_gpa gpa, uint64_t length)
{
    for (size_t i = 0; i < ram->count && length > 0; i++) {
        const abx_memory_info *region = &ram->regions[i];
        if (gpa < region->gpa || gpa - region->gpa >= region->length) {
            continue;
        }
        uint64_t here = region->length - (gpa - region->gpa);
        here = here < length ? here : length;
        abx_status status = zero_in_region(ram, region, gpa, here);
        if (status != ABX_OK) {
            return status;
        }
        gpa += here;
        length -= here;
    }
    return length == 0 ? ABX_OK : no_ram(gpa, length);
}
