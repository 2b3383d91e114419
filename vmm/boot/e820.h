/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The memory map that the guest is told of, with the address ranges of a PC that are not RAM to it. */
#ifndef ABX_BOOT_E820_H
#define ABX_BOOT_E820_H

#include "ram.h"

enum {
    ABX_E820_RAM = 1, /* ACPI 6.5 table 15.4; Multiboot and PVH use the same numbers */
    ABX_E820_RESERVED = 2,
    ABX_E820_MAX = 128, /* E820_MAX_ENTRIES_ZEROPAGE of Linux's <asm/bootparam.h> */
};

typedef struct abx_e820_entry {
    abx_gpa gpa;
    uint64_t length;
    uint32_t type;
} abx_e820_entry;

typedef struct abx_e820 {
    size_t count;
    abx_e820_entry entries[ABX_E820_MAX]; /* ascending, adjoining ones of the same type merged */
} abx_e820;

/* Errors: ABX_ERR_RANGE (more than ABX_E820_MAX separate ranges). */
abx_status abx_e820_build(abx_e820 *out, const abx_ram *ram) ABX_MUST_CHECK;

/* Whether [gpa, gpa + length) is RAM to the guest. */
bool abx_e820_holds(const abx_e820 *map, abx_gpa gpa, uint64_t length);

#endif
