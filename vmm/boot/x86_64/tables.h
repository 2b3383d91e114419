/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The descriptor table and the page tables with which kernels are entered. */
#ifndef ABX_BOOT_TABLES_H
#define ABX_BOOT_TABLES_H

#include <arcbox/memory.h>

/* Selectors: what Linux calls __BOOT_CS and __BOOT_DS, and a task state segment. */
enum {
    ABX_GDT_CODE = 0x10,
    ABX_GDT_DATA = 0x18,
    ABX_GDT_TSS = 0x20,
    ABX_GDT_LIMIT = 0x2f,
};

/* Segment attributes as in x86_64.h. */
enum {
    ABX_SEGMENT_CODE64 = 0xa09b,
    ABX_SEGMENT_CODE32 = 0xc09b,
    ABX_SEGMENT_DATA32 = 0xc093,
    ABX_SEGMENT_TSS = 0x008b,
};

/* Puts a descriptor table with 64-bit (`wide`) or 32-bit code at ABX_LAYOUT_GDT. Errors: ABX_ERR_RANGE. */
abx_status abx_tables_put_gdt(abx_vm *vm, bool wide) ABX_MUST_CHECK;

/* Puts page tables that map the first 4 GiB to themselves at ABX_LAYOUT_PAGE_TABLES. Errors: ABX_ERR_RANGE. */
abx_status abx_tables_put_identity(abx_vm *vm) ABX_MUST_CHECK;

#endif
