/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Bits as in the Intel SDM, volume 3. */
#include "enter.h"

#include "layout.h"
#include "tables.h"

#include <arcbox/x86_64.h>

enum {
    MAX_REGISTERS = 64,

    CR0_PE = 1 << 0,
    CR0_ET = 1 << 4,
    CR4_PAE = 1 << 5,
    EFER_LME = 1 << 8,
    EFER_LMA = 1 << 10,
    RFLAGS_FIXED = 1 << 1,

    SEGMENT_REAL_CODE = 0x9b,
    SEGMENT_REAL_DATA = 0x93,
    SEGMENT_LDT = 0x82,

    MSR_MISC_ENABLE = 0x1a0,
    MISC_ENABLE_FAST_STRINGS = 1 << 0,
    MSR_MTRR_DEF_TYPE = 0x2ff,
    MTRR_WRITE_BACK = 6,
    MTRR_ENABLE = 1 << 11,
};

static const uint64_t cr0_pg = 1u << 31;
static const uint32_t multiboot_magic = 0x2badb002; /* Multiboot 0.6.96, section 3.2 */

/* Registers on their way to the vCPU: everything in one call. */
typedef struct abx_batch {
    size_t count;
    abx_reg names[MAX_REGISTERS];
    uint64_t values[MAX_REGISTERS];
} abx_batch;

static void set(abx_batch *batch, abx_reg name, uint64_t value)
{
    batch->names[batch->count] = name;
    batch->values[batch->count] = value;
    batch->count++;
}

static void set_segment(abx_batch *batch, unsigned segment, uint64_t selector, uint64_t base, uint64_t limit,
                        uint64_t attributes)
{
    set(batch, ABX_X86_SEG(segment, ABX_X86_SEG_SELECTOR), selector);
    set(batch, ABX_X86_SEG(segment, ABX_X86_SEG_BASE), base);
    set(batch, ABX_X86_SEG(segment, ABX_X86_SEG_LIMIT), limit);
    set(batch, ABX_X86_SEG(segment, ABX_X86_SEG_ATTRIBUTES), attributes);
}

static const unsigned data_segments[] = { ABX_X86_SEG_ES, ABX_X86_SEG_SS, ABX_X86_SEG_DS, ABX_X86_SEG_FS,
                                          ABX_X86_SEG_GS };

static void set_segments(abx_batch *batch, uint64_t code, uint64_t gdt)
{
    set_segment(batch, ABX_X86_SEG_CS, ABX_GDT_CODE, 0, UINT32_MAX, code);
    for (size_t i = 0; i < sizeof(data_segments) / sizeof(data_segments[0]); i++) {
        set_segment(batch, data_segments[i], ABX_GDT_DATA, 0, UINT32_MAX, ABX_SEGMENT_DATA32);
    }
    set_segment(batch, ABX_X86_SEG_TR, ABX_GDT_TSS, 0, 0x67, ABX_SEGMENT_TSS);
    set_segment(batch, ABX_X86_SEG_LDTR, 0, 0, 0xffff, SEGMENT_LDT);
    set(batch, ABX_X86_GDTR_BASE, gdt);
    set(batch, ABX_X86_GDTR_LIMIT, gdt ? ABX_GDT_LIMIT : 0);
    set(batch, ABX_X86_IDTR_BASE, 0);
    set(batch, ABX_X86_IDTR_LIMIT, 0);
}

/* All segments begin at the 64 KiB in which the entry lies. */
static void set_real(abx_batch *batch, const abx_boot_entry *entry)
{
    uint64_t base = entry->entry & ~0xffffull;
    set_segment(batch, ABX_X86_SEG_CS, base >> 4, base, 0xffff, SEGMENT_REAL_CODE);
    for (size_t i = 0; i < sizeof(data_segments) / sizeof(data_segments[0]); i++) {
        set_segment(batch, data_segments[i], base >> 4, base, 0xffff, SEGMENT_REAL_DATA);
    }
    set(batch, ABX_X86_IDTR_BASE, 0);
    set(batch, ABX_X86_IDTR_LIMIT, 0x3ff);
    set(batch, ABX_X86_CR0, CR0_ET);
    set(batch, ABX_X86_CR4, 0);
    set(batch, ABX_X86_EFER, 0);
    set(batch, ABX_X86_RIP, entry->entry - base);
}

static void set_protected(abx_batch *batch, const abx_boot_entry *entry)
{
    set_segments(batch, ABX_SEGMENT_CODE32, entry->gdt);
    set(batch, ABX_X86_CR0, CR0_PE | CR0_ET);
    set(batch, ABX_X86_CR4, 0);
    set(batch, ABX_X86_EFER, 0);
    set(batch, ABX_X86_RIP, entry->entry);
}

static void set_long(abx_batch *batch, const abx_boot_entry *entry)
{
    set_segments(batch, ABX_SEGMENT_CODE64, entry->gdt);
    set(batch, ABX_X86_CR0, cr0_pg | CR0_PE | CR0_ET);
    set(batch, ABX_X86_CR3, entry->page_tables);
    set(batch, ABX_X86_CR4, CR4_PAE);
    set(batch, ABX_X86_EFER, EFER_LME | EFER_LMA);
    set(batch, ABX_X86_RIP, entry->entry);
}

/* What firmware would have set up: without it Linux takes string instructions for slow and caching for off. */
static void set_firmware_msrs(abx_batch *batch)
{
    set(batch, ABX_X86_MSR(MSR_MISC_ENABLE), MISC_ENABLE_FAST_STRINGS);
    set(batch, ABX_X86_MSR(MSR_MTRR_DEF_TYPE), MTRR_ENABLE | MTRR_WRITE_BACK);
}

/* How each kind finds its information. */
static void set_arguments(abx_batch *batch, const abx_boot_entry *entry)
{
    static const abx_reg cleared[] = { ABX_X86_RCX, ABX_X86_RDX, ABX_X86_RDI, ABX_X86_RBP };
    bool is_multiboot = entry->kind == ABX_IMAGE_MULTIBOOT;
    bool is_linux = entry->kind == ABX_IMAGE_LINUX;
    set(batch, ABX_X86_RAX, is_multiboot ? multiboot_magic : 0);
    set(batch, ABX_X86_RBX, is_linux ? 0 : entry->info);
    set(batch, ABX_X86_RSI, is_linux ? entry->info : 0);
    set(batch, ABX_X86_RSP, entry->stack);
    set(batch, ABX_X86_RFLAGS, RFLAGS_FIXED);
    for (size_t i = 0; i < sizeof(cleared) / sizeof(cleared[0]); i++) {
        set(batch, cleared[i], 0);
    }
}

abx_status abx_enter_x86_64(abx_vcpu *vcpu, const abx_boot_entry *entry)
{
    abx_batch batch = { 0 };
    set_arguments(&batch, entry);
    switch (entry->mode) {
    case ABX_FLAT_REAL:
        set_real(&batch, entry);
        break;
    case ABX_FLAT_PROTECTED:
        set_protected(&batch, entry);
        break;
    case ABX_FLAT_LONG:
        set_long(&batch, entry);
        break;
    default:
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "enter a kernel: its processor mode");
    }
    if (entry->kind == ABX_IMAGE_LINUX) {
        set_firmware_msrs(&batch);
    }
    return abx_vcpu_write_registers(vcpu, batch.names, batch.values, batch.count);
}
