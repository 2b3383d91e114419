/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/balloon_pages.h"

#include "boot/ram.h"
#include "virtio/balloon_memory.h"

#include <stdlib.h>

static abx_status fail_memory(void)
{
    return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "keep what the guest names as free");
}

static uint64_t page_count(const abx_balloon_part *part)
{
    return part->length / ABX_BALLOON_PAGE;
}

static abx_status add_parts(abx_balloon_pages *self, const abx_memory_info *infos, size_t count)
{
    self->parts = calloc(count + 1, sizeof(*self->parts));
    if (!self->parts)
        return fail_memory();
    for (size_t i = 0; i < count; i++) {
        if (infos[i].flags & ABX_MEMORY_READ_ONLY)
            continue;
        abx_balloon_part *part = &self->parts[self->count++];
        *part = (abx_balloon_part){ infos[i].gpa, infos[i].length, infos[i].host, NULL };
        part->pages = calloc((size_t)(page_count(part) / 64 + 1), sizeof(*part->pages));
        if (!part->pages)
            return fail_memory();
    }
    return ABX_OK;
}

abx_status abx_balloon_pages_init(abx_balloon_pages *set, abx_vm *vm)
{
    abx_ram ram;
    *set = (abx_balloon_pages){ .vm = vm };
    abx_status status = abx_ram_open(&ram, vm);
    if (status != ABX_OK)
        return status;
    status = add_parts(set, ram.regions, ram.count);
    abx_ram_free(&ram);
    if (status != ABX_OK)
        abx_balloon_pages_end(set);
    return status;
}

void abx_balloon_pages_end(abx_balloon_pages *set)
{
    for (size_t i = 0; i < set->count; i++)
        free(set->parts[i].pages);
    free(set->parts);
    *set = (abx_balloon_pages){ 0 };
}

/* Bits [first, end), by words. */
static void fill(uint64_t *words, uint64_t first, uint64_t end)
{
    while (first < end) {
        uint64_t bit = first % 64, here = 64 - bit < end - first ? 64 - bit : end - first;
        words[first / 64] |= (here == 64 ? UINT64_MAX : (UINT64_C(1) << here) - 1) << bit;
        first += here;
    }
}

void abx_balloon_pages_add(abx_balloon_pages *set, const struct iovec *piece)
{
    const char *start = piece->iov_base;
    for (size_t i = 0; i < set->count; i++) {
        const abx_balloon_part *part = &set->parts[i];
        if (start < part->host || start >= part->host + part->length)
            continue;
        uint64_t offset = (uint64_t)(start - part->host);
        /* Regions may have been exchanged since: it must still be what it was. */
        if (piece->iov_len <= part->length - offset &&
            abx_memory_at(set->vm, part->gpa + offset, piece->iov_len, false) == piece->iov_base)
            fill(part->pages, (offset + ABX_BALLOON_PAGE - 1) / ABX_BALLOON_PAGE,
                 (offset + piece->iov_len) / ABX_BALLOON_PAGE);
        return;
    }
}

/* The first page from `at` on whose bit is `wanted`; there is none: the number of pages. */
static uint64_t seek(const abx_balloon_part *part, uint64_t at, bool wanted)
{
    uint64_t count = page_count(part);
    while (at < count) {
        uint64_t word = wanted ? part->pages[at / 64] : ~part->pages[at / 64];
        word >>= at % 64;
        if (word) {
            at += (uint64_t)__builtin_ctzll(word);
            return at < count ? at : count;
        }
        at = (at / 64 + 1) * 64;
    }
    return count;
}

/* Ranges of which the first `capacity` are kept. Those across parts that adjoin are one. */
typedef struct gathering {
    abx_balloon_range *ranges;
    size_t capacity;
    size_t count;
    abx_gpa end; /* of the last */
} gathering;

static void gather(gathering *all, abx_gpa gpa, uint64_t length)
{
    bool goes_on = all->count > 0 && all->end == gpa;
    if (!goes_on)
        all->count++;
    if (all->count <= all->capacity) {
        abx_balloon_range *last = &all->ranges[all->count - 1];
        *last = goes_on ? (abx_balloon_range){ last->gpa, last->length + length } : (abx_balloon_range){ gpa, length };
    }
    all->end = gpa + length;
}

static void gather_all(gathering *all, const abx_balloon_pages *set)
{
    for (size_t i = 0; i < set->count; i++) {
        const abx_balloon_part *part = &set->parts[i];
        uint64_t end = 0;
        for (uint64_t start = seek(part, 0, true); start < page_count(part); start = seek(part, end, true)) {
            end = seek(part, start, false);
            gather(all, part->gpa + start * ABX_BALLOON_PAGE, (end - start) * ABX_BALLOON_PAGE);
        }
    }
}

abx_status abx_balloon_pages_list(const abx_balloon_pages *set, abx_balloon_range **ranges, size_t *count)
{
    gathering counted = { 0 }, kept = { 0 };
    gather_all(&counted, set);
    kept.capacity = counted.count < ABX_BALLOON_RANGES_MAX ? counted.count : ABX_BALLOON_RANGES_MAX;
    kept.ranges = calloc(kept.capacity + 1, sizeof(*kept.ranges));
    if (!kept.ranges)
        return fail_memory();
    gather_all(&kept, set);
    *ranges = kept.ranges;
    *count = kept.capacity;
    return ABX_OK;
}
