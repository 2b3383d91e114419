/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "place.h"

#include "x86_64/layout.h"

static const abx_gpa page_mask = ABX_LAYOUT_PAGE - 1;
static const abx_gpa four_gib = 1ull << 32;

/* The highest place within [low, high). */
static bool fit_high(abx_gpa low, abx_gpa high, uint64_t length, abx_gpa *place)
{
    low = (low + page_mask) & ~page_mask;
    if (low >= high || length > high - low) {
        return false;
    }
    *place = (high - length) & ~page_mask; /* not below low, which is aligned */
    return true;
}

bool abx_place_high(const abx_e820 *map, uint64_t length, abx_gpa limit, abx_gpa taken, abx_gpa taken_end,
                    abx_gpa *place)
{
    for (size_t i = map->count; i-- > 0;) {
        const abx_e820_entry *entry = &map->entries[i];
        if (entry->type != ABX_E820_RAM) {
            continue;
        }
        abx_gpa low = entry->gpa > ABX_LAYOUT_LEGACY_END ? entry->gpa : ABX_LAYOUT_LEGACY_END;
        abx_gpa high = entry->gpa + entry->length < limit ? entry->gpa + entry->length : limit;
        abx_gpa above = low > taken_end ? low : taken_end;
        abx_gpa below = high < taken ? high : taken;
        if (fit_high(above, high, length, place) || fit_high(low, below, length, place)) {
            return true;
        }
    }
    return false;
}

bool abx_place_low(const abx_e820 *map, uint64_t length, abx_gpa from, abx_gpa *place)
{
    from = from > ABX_LAYOUT_LEGACY_END ? from : ABX_LAYOUT_LEGACY_END;
    for (size_t i = 0; i < map->count; i++) {
        const abx_e820_entry *entry = &map->entries[i];
        abx_gpa high = entry->gpa + entry->length < four_gib ? entry->gpa + entry->length : four_gib;
        abx_gpa low = ((entry->gpa > from ? entry->gpa : from) + page_mask) & ~page_mask;
        if (entry->type == ABX_E820_RAM && low < high && length <= high - low) {
            *place = low;
            return true;
        }
    }
    return false;
}
