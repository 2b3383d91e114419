/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Finding room in RAM, in whole pages. */
#ifndef ABX_BOOT_PLACE_H
#define ABX_BOOT_PLACE_H

#include "guest_map.h"

/* [low, high) */
typedef struct abx_range {
    abx_gpa low;
    abx_gpa high;
} abx_range;

/* The highest place for `length` bytes within `room` that touches none of `taken`. */
bool abx_place_high(const abx_guest_map *map, uint64_t length, abx_range room, const abx_range *taken, size_t count,
                    abx_gpa *place);

/* The lowest place for `length` bytes within `room`. */
bool abx_place_low(const abx_guest_map *map, uint64_t length, abx_range room, abx_gpa *place);

#endif
