/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "e820.h"

#include "x86_64/layout.h"

static bool add(abx_e820 *map, abx_gpa gpa, abx_gpa end, uint32_t type)
{
    if (gpa >= end) {
        return true;
    }
    if (map->count > 0) {
        abx_e820_entry *last = &map->entries[map->count - 1];
        if (last->type == type && last->gpa + last->length == gpa) {
            last->length += end - gpa;
            return true;
        }
    }
    if (map->count == ABX_E820_MAX) {
        return false;
    }
    map->entries[map->count++] = (abx_e820_entry){ .gpa = gpa, .length = end - gpa, .type = type };
    return true;
}

static abx_gpa clamp(abx_gpa value, abx_gpa low, abx_gpa high)
{
    return value < low ? low : value > high ? high : value;
}

/* RAM, but for the PC's own hole in it. */
static bool add_ram(abx_e820 *map, abx_gpa gpa, abx_gpa end)
{
    abx_gpa hole = clamp(ABX_LAYOUT_LEGACY, gpa, end);
    abx_gpa hole_end = clamp(ABX_LAYOUT_LEGACY_END, gpa, end);
    return add(map, gpa, hole, ABX_E820_RAM) && add(map, hole, hole_end, ABX_E820_RESERVED) &&
           add(map, hole_end, end, ABX_E820_RAM);
}

abx_status abx_e820_build(abx_e820 *out, const abx_ram *ram)
{
    out->count = 0;
    for (size_t i = 0; i < ram->count; i++) {
        const abx_memory_info *region = &ram->regions[i];
        abx_gpa end = region->gpa + region->length;
        bool read_only = region->flags & ABX_MEMORY_READ_ONLY;
        if (read_only ? !add(out, region->gpa, end, ABX_E820_RESERVED) : !add_ram(out, region->gpa, end)) {
            return abx_fail(ABX_ERR_RANGE, 0, "Give the guest fewer, larger regions of memory.",
                            "tell the guest of more than %d separate ranges of memory", ABX_E820_MAX);
        }
    }
    return ABX_OK;
}

bool abx_e820_holds(const abx_e820 *map, abx_gpa gpa, uint64_t length)
{
    for (size_t i = 0; i < map->count; i++) {
        const abx_e820_entry *entry = &map->entries[i];
        if (entry->type == ABX_E820_RAM && gpa >= entry->gpa && gpa - entry->gpa <= entry->length &&
            length <= entry->length - (gpa - entry->gpa)) {
            return true;
        }
    }
    return false;
}
