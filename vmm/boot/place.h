/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Finding room in RAM, in whole pages, above 1 MiB. */
#ifndef ABX_BOOT_PLACE_H
#define ABX_BOOT_PLACE_H

#include "e820.h"

/* The highest place for `length` bytes that ends at or below `limit` and does not touch [taken, taken_end). */
bool abx_place_high(const abx_e820 *map, uint64_t length, abx_gpa limit, abx_gpa taken, abx_gpa taken_end,
                    abx_gpa *place);

/* The lowest place for `length` bytes at or above `from`, below 4 GiB. */
bool abx_place_low(const abx_e820 *map, uint64_t length, abx_gpa from, abx_gpa *place);

#endif
