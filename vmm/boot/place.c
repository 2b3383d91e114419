/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "place.h"

#include "bytes.h"

static const abx_gpa page_mask = 0xfff;

/* The part of an entry that is RAM within the room, from a page on. */
static abx_range usable(const abx_guest_map_entry *entry, abx_range room)
{
    abx_gpa low = entry->gpa > room.low ? entry->gpa : room.low;
    abx_gpa end = entry->gpa + entry->length;
    abx_range range = { .low = (low + page_mask) & ~page_mask, .high = end < room.high ? end : room.high };
    if (entry->type != ABX_GUEST_MAP_RAM || range.high < range.low) {
        range.high = range.low;
    }
    return range;
}

static const abx_range *find_overlap(const abx_range *taken, size_t count, abx_gpa gpa, uint64_t length)
{
    for (size_t i = 0; i < count; i++) {
        if (abx_overlap(gpa, length, taken[i].low, taken[i].high - taken[i].low)) {
            return &taken[i];
        }
    }
    return NULL;
}

/* Goes down from the top of the range, below whatever is in the way. */
static bool fit_high(abx_range range, uint64_t length, const abx_range *taken, size_t count, abx_gpa *place)
{
    while (range.low < range.high && length <= range.high - range.low) {
        abx_gpa gpa = (range.high - length) & ~page_mask; /* not below low, which is aligned */
        const abx_range *other = find_overlap(taken, count, gpa, length);
        if (!other) {
            *place = gpa;
            return true;
        }
        range.high = other->low;
    }
    return false;
}

bool abx_place_high(const abx_guest_map *map, uint64_t length, abx_range room, const abx_range *taken, size_t count,
                    abx_gpa *place)
{
    for (size_t i = map->count; i-- > 0;) {
        if (fit_high(usable(&map->entries[i], room), length, taken, count, place)) {
            return true;
        }
    }
    return false;
}

bool abx_place_low(const abx_guest_map *map, uint64_t length, abx_range room, abx_gpa *place)
{
    for (size_t i = 0; i < map->count; i++) {
        abx_range range = usable(&map->entries[i], room);
        if (range.low < range.high && length <= range.high - range.low) {
            *place = range.low;
            return true;
        }
    }
    return false;
}
