/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "tables.h"

#include "layout.h"

enum {
    GIGABYTES = 4,
    ENTRIES = 512,

    /* Intel SDM volume 3, tables 4-15 and 4-18. */
    PRESENT = 1 << 0,
    WRITABLE = 1 << 1,
    PAGE_2M = 1 << 7,
};

/* Intel SDM volume 3, figure 3-8; base 0. */
static uint64_t descriptor(uint32_t attributes, uint32_t limit)
{
    return ((uint64_t)attributes << 40) | (limit & 0xffff) | ((uint64_t)(limit >> 16) << 48);
}

abx_status abx_tables_put_gdt(abx_vm *vm, bool wide)
{
    uint64_t gdt[(ABX_GDT_LIMIT + 1) / 8] = { 0 };
    gdt[ABX_GDT_CODE / 8] = descriptor(wide ? ABX_SEGMENT_CODE64 : ABX_SEGMENT_CODE32, 0xfffff);
    gdt[ABX_GDT_DATA / 8] = descriptor(ABX_SEGMENT_DATA32, 0xfffff);
    gdt[ABX_GDT_TSS / 8] = descriptor(ABX_SEGMENT_TSS, 0x67);
    return abx_memory_write(vm, ABX_LAYOUT_GDT, gdt, sizeof(gdt));
}

static abx_status put_page(abx_vm *vm, abx_gpa gpa, const uint64_t page[ENTRIES])
{
    return abx_memory_write(vm, gpa, page, ENTRIES * sizeof(page[0]));
}

abx_status abx_tables_put_identity(abx_vm *vm)
{
    const abx_gpa pml4 = ABX_LAYOUT_PAGE_TABLES;
    const abx_gpa pdpt = pml4 + ABX_LAYOUT_PAGE;
    const abx_gpa directories = pdpt + ABX_LAYOUT_PAGE;
    uint64_t page[ENTRIES] = { pdpt | PRESENT | WRITABLE };
    abx_status status = put_page(vm, pml4, page);
    for (uint64_t i = 0; i < GIGABYTES; i++) {
        page[i] = (directories + i * ABX_LAYOUT_PAGE) | PRESENT | WRITABLE;
    }
    if (status == ABX_OK) {
        status = put_page(vm, pdpt, page);
    }
    for (uint64_t i = 0; i < GIGABYTES && status == ABX_OK; i++) {
        for (uint64_t entry = 0; entry < ENTRIES; entry++) {
            page[entry] = (i << 30) | (entry << 21) | PRESENT | WRITABLE | PAGE_2M;
        }
        status = put_page(vm, directories + i * ABX_LAYOUT_PAGE, page);
    }
    return status;
}
