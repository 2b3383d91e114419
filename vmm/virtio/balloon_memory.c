/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/balloon_memory.h"

#include "boot/ram.h"

#include <arcbox/hypervisor.h>

#include <stdlib.h>
#include <string.h>

static uint64_t page_of(const abx_memory_info *info, uint64_t base_page)
{
    if (info->huge_pages == ABX_HUGE_1G)
        return UINT64_C(1) << 30;
    return info->huge_pages == ABX_HUGE_2M ? UINT64_C(2) << 20 : base_page;
}

/* Pages of files come back with the file's content, and the caller's memory is the caller's. */
static bool can_go(const abx_memory_info *info)
{
    bool ours = info->backing == ABX_BACKING_ANONYMOUS || info->backing == ABX_BACKING_MEMFD;
    return ours && !(info->flags & ABX_MEMORY_READ_ONLY);
}

static size_t words_of(const abx_balloon_region *region)
{
    return (size_t)((region->length / ABX_BALLOON_PAGE + 63) / 64);
}

static size_t pages_of(const abx_balloon_region *region)
{
    return (size_t)(region->length / region->page);
}

static bool add_region(abx_balloon_memory *self, const abx_memory_info *info, uint64_t base_page)
{
    abx_balloon_region *region = &self->regions[self->count++];
    *region = (abx_balloon_region){ info->gpa, info->length, info->host, page_of(info, base_page), NULL, NULL };
    if (region->page <= ABX_BALLOON_PAGE)
        return true;
    region->ballooned = calloc(words_of(region), sizeof(*region->ballooned));
    region->filled = calloc(pages_of(region), sizeof(*region->filled));
    return region->ballooned && region->filled;
}

static abx_status add_regions(abx_balloon_memory *self, const abx_memory_info *infos, size_t count)
{
    const abx_capabilities *caps = abx_hypervisor_capabilities(abx_vm_get_hypervisor(self->vm));
    self->regions = calloc(count + 1, sizeof(*self->regions));
    if (!self->regions)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a balloon");
    bool able = abx_capabilities_has(caps, ABX_CAP_DISCARD);
    for (size_t i = 0; i < count; i++) {
        if (!(infos[i].flags & ABX_MEMORY_READ_ONLY))
            self->size += infos[i].length;
        if (able && can_go(&infos[i]) && !add_region(self, &infos[i], caps->page_size))
            return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a balloon");
    }
    return ABX_OK;
}

abx_status abx_balloon_memory_init(abx_balloon_memory *memory, abx_vm *vm)
{
    abx_ram ram;
    *memory = (abx_balloon_memory){ .vm = vm };
    abx_status status = abx_ram_open(&ram, vm);
    if (status != ABX_OK)
        return status;
    status = add_regions(memory, ram.regions, ram.count);
    abx_ram_free(&ram);
    if (status != ABX_OK)
        abx_balloon_memory_end(memory);
    return status;
}

void abx_balloon_memory_end(abx_balloon_memory *memory)
{
    for (size_t i = 0; i < memory->count; i++) {
        free(memory->regions[i].ballooned);
        free(memory->regions[i].filled);
    }
    free(memory->regions);
    memory->regions = NULL;
    memory->count = 0;
}

/* A failure is counted and no more: the guest loses nothing by it. */
void abx_balloon_memory_flush(abx_balloon_memory *memory)
{
    const abx_balloon_region *region = memory->run_region;
    if (!region)
        return;
    memory->run_region = NULL;
    uint64_t start = (memory->run_start + region->page - 1) / region->page * region->page;
    uint64_t end = memory->run_end / region->page * region->page;
    if (start >= end)
        return;
    if (abx_memory_discard(memory->vm, region->gpa + start, end - start) == ABX_OK)
        atomic_fetch_add(&memory->discarded, end - start);
    else
        atomic_fetch_add(&memory->failures, 1);
}

static void gather(abx_balloon_memory *self, const abx_balloon_region *region, uint64_t start, uint64_t end)
{
    if (self->run_region == region && start == self->run_end) {
        self->run_end = end;
    } else if (self->run_region == region && end == self->run_start) {
        self->run_start = start;
    } else {
        abx_balloon_memory_flush(self);
        self->run_region = region;
        self->run_start = start;
        self->run_end = end;
    }
}

static const abx_balloon_region *find(const abx_balloon_memory *self, uint32_t number, uint64_t *offset)
{
    abx_gpa gpa = number * ABX_BALLOON_PAGE;
    for (size_t i = 0; i < self->count; i++) {
        const abx_balloon_region *region = &self->regions[i];
        if (gpa >= region->gpa && gpa - region->gpa < region->length) {
            *offset = gpa - region->gpa;
            return region;
        }
    }
    return NULL;
}

/* Changes the bit of the page at `offset`; whether it was another before. */
static bool flip(const abx_balloon_region *region, uint64_t offset, bool inside)
{
    uint64_t *word = &region->ballooned[offset / ABX_BALLOON_PAGE / 64];
    uint64_t bit = UINT64_C(1) << (offset / ABX_BALLOON_PAGE % 64);
    if (!!(*word & bit) == inside)
        return false;
    *word ^= bit;
    return true;
}

void abx_balloon_memory_inflate(abx_balloon_memory *memory, uint32_t number)
{
    uint64_t offset;
    const abx_balloon_region *region = find(memory, number, &offset);
    if (!region)
        return;
    if (!region->filled) {
        gather(memory, region, offset, offset + ABX_BALLOON_PAGE);
        return;
    }
    uint64_t page = offset / region->page;
    if (flip(region, offset, true) && ++region->filled[page] == region->page / ABX_BALLOON_PAGE)
        gather(memory, region, page * region->page, (page + 1) * region->page);
}

void abx_balloon_memory_deflate(abx_balloon_memory *memory, uint32_t number)
{
    uint64_t offset;
    const abx_balloon_region *region = find(memory, number, &offset);
    if (region && region->filled && flip(region, offset, false))
        region->filled[offset / region->page]--;
}

void abx_balloon_memory_report(abx_balloon_memory *memory, const struct iovec *piece)
{
    const char *start = piece->iov_base;
    for (size_t i = 0; i < memory->count; i++) {
        const abx_balloon_region *region = &memory->regions[i];
        if (start < region->host || start >= region->host + region->length)
            continue;
        uint64_t offset = (uint64_t)(start - region->host);
        /* Regions may have been exchanged since: it must still be what it was. */
        if (abx_memory_at(memory->vm, region->gpa + offset, piece->iov_len, true) == piece->iov_base)
            gather(memory, region, offset, offset + piece->iov_len);
        return;
    }
}

void abx_balloon_memory_forget(abx_balloon_memory *memory)
{
    for (size_t i = 0; i < memory->count; i++) {
        abx_balloon_region *region = &memory->regions[i];
        if (!region->filled)
            continue;
        memset(region->ballooned, 0, words_of(region) * sizeof(*region->ballooned));
        memset(region->filled, 0, pages_of(region) * sizeof(*region->filled));
    }
}
