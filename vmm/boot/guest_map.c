/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "guest_map.h"

static bool add(abx_guest_map *map, abx_gpa gpa, abx_gpa end, uint32_t type)
{
    if (gpa >= end) {
        return true;
    }
    if (map->count > 0) {
        abx_guest_map_entry *last = &map->entries[map->count - 1];
        if (last->type == type && last->gpa + last->length == gpa) {
            last->length += end - gpa;
            return true;
        }
    }
    if (map->count == ABX_GUEST_MAP_MAX) {
        return false;
    }
    map->entries[map->count++] = (abx_guest_map_entry){ .gpa = gpa, .length = end - gpa, .type = type };
    return true;
}

static abx_gpa clamp(abx_gpa value, abx_gpa low, abx_gpa high)
{
    return value < low ? low : value > high ? high : value;
}

abx_status abx_guest_map_build(abx_guest_map *out, const abx_ram *ram, abx_gpa hole, abx_gpa hole_end)
{
    bool fits = true;
    out->count = 0;
    for (size_t i = 0; i < ram->count && fits; i++) {
        const abx_memory_info *region = &ram->regions[i];
        abx_gpa gpa = region->gpa;
        abx_gpa end = region->gpa + region->length;
        if (region->flags & ABX_MEMORY_READ_ONLY) {
            fits = add(out, gpa, end, ABX_GUEST_MAP_RESERVED);
            continue;
        }
        abx_gpa first = clamp(hole, gpa, end);
        abx_gpa last = clamp(hole_end, gpa, end);
        fits = add(out, gpa, first, ABX_GUEST_MAP_RAM) && add(out, first, last, ABX_GUEST_MAP_RESERVED) &&
               add(out, last, end, ABX_GUEST_MAP_RAM);
    }
    if (!fits) {
        return abx_fail(ABX_ERR_RANGE, 0, "Give the guest fewer, larger regions of memory.",
                        "tell the guest of more than %d separate ranges of memory", ABX_GUEST_MAP_MAX);
    }
    return ABX_OK;
}

bool abx_guest_map_holds(const abx_guest_map *map, abx_gpa gpa, uint64_t length)
{
    for (size_t i = 0; i < map->count; i++) {
        const abx_guest_map_entry *entry = &map->entries[i];
        if (entry->type == ABX_GUEST_MAP_RAM && gpa >= entry->gpa && gpa - entry->gpa <= entry->length &&
            length <= entry->length - (gpa - entry->gpa)) {
            return true;
        }
    }
    return false;
}
