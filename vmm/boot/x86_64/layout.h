/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where boot puts things in low memory on x86_64: docs/boot.md. What a kind does not need stays untouched. */
#ifndef ABX_BOOT_LAYOUT_H
#define ABX_BOOT_LAYOUT_H

enum {
    ABX_LAYOUT_PAGE = 0x1000,

    ABX_LAYOUT_GDT = 0x1000,

    /* What the kernel's information pointer shows: boot_params, hvm_start_info or multiboot information. */
    ABX_LAYOUT_INFO = 0x2000,
    ABX_LAYOUT_MODULES = 0x2100, /* PVH, Multiboot: list of modules */
    ABX_LAYOUT_MODULES_END = 0x2400,
    ABX_LAYOUT_MEMORY_MAP = 0x2400, /* PVH, Multiboot */
    ABX_LAYOUT_MEMORY_MAP_END = 0x3000,
    ABX_LAYOUT_SETUP_DATA = 0x3000, /* Linux */

    ABX_LAYOUT_PAGE_TABLES = 0x6000, /* PML4, PDPT and four page directories */
    ABX_LAYOUT_PAGE_TABLES_END = 0xc000,
    ABX_LAYOUT_STACK_TOP = 0x10000,

    ABX_LAYOUT_CMDLINE = 0x10000, /* and the strings of modules */
    ABX_LAYOUT_CMDLINE_END = 0x20000,

    /* A PC's extended BIOS data area, video memory and ROMs. ACPI tables are put here. */
    ABX_LAYOUT_LEGACY = 0x9fc00,
    ABX_LAYOUT_LEGACY_END = 0x100000,
};

#endif
