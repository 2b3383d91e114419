/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The memory map that the guest is told of. */
#ifndef ABX_BOOT_GUEST_MAP_H
#define ABX_BOOT_GUEST_MAP_H

#include "ram.h"

enum {
    ABX_GUEST_MAP_RAM = 1, /* the numbers of e820 (ACPI 6.5 table 15.4), Multiboot and PVH */
    ABX_GUEST_MAP_RESERVED = 2,
    ABX_GUEST_MAP_MAX = 128, /* E820_MAX_ENTRIES_ZEROPAGE of Linux's <asm/bootparam.h> */
};

typedef struct abx_guest_map_entry {
    abx_gpa gpa;
    uint64_t length;
    uint32_t type;
} abx_guest_map_entry;

typedef struct abx_guest_map {
    size_t count;
    abx_guest_map_entry entries[ABX_GUEST_MAP_MAX]; /* ascending, adjoining ones of the same type merged */
} abx_guest_map;

/* Makes it; what RAM there is in [hole, hole_end) is reserved. Errors: ABX_ERR_RANGE (more than ABX_GUEST_MAP_MAX
 * separate ranges). */
abx_status abx_guest_map_build(abx_guest_map *out, const abx_ram *ram, abx_gpa hole, abx_gpa hole_end) ABX_MUST_CHECK;

/* Whether [gpa, gpa + length) is RAM to the guest. */
bool abx_guest_map_holds(const abx_guest_map *map, abx_gpa gpa, uint64_t length);

#endif
