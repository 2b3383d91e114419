/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "register_map.h"
#include "segment.h"

#include <stddef.h>

/* A field of `type` in a structure; width 0 stands for no such register. */
typedef struct place {
    uint16_t offset;
    uint8_t width; /* in bytes */
} place;

#define PLACE(type, member)                                                                                            \
    {                                                                                                                  \
        offsetof(type, member), sizeof(((type *)0)->member)                                                            \
    }
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
    FIRST_TABLE_REGISTER = ABX_X86_SEG_COUNT * 4, /* below: fields of segments */
    RFLAGS = 17,
};
#define RFLAGS_FIXED UINT64_C(2) /* always one (SDM vol. 1, 3.4.3) */

static const place general[] = {
    PLACE(struct kvm_regs, rax), PLACE(struct kvm_regs, rcx), PLACE(struct kvm_regs, rdx),
    PLACE(struct kvm_regs, rbx), PLACE(struct kvm_regs, rsp), PLACE(struct kvm_regs, rbp),
    PLACE(struct kvm_regs, rsi), PLACE(struct kvm_regs, rdi), PLACE(struct kvm_regs, r8),
    PLACE(struct kvm_regs, r9),  PLACE(struct kvm_regs, r10), PLACE(struct kvm_regs, r11),
    PLACE(struct kvm_regs, r12), PLACE(struct kvm_regs, r13), PLACE(struct kvm_regs, r14),
    PLACE(struct kvm_regs, r15), PLACE(struct kvm_regs, rip), PLACE(struct kvm_regs, rflags),
};

static const uint16_t segments[ABX_X86_SEG_COUNT] = {
    [ABX_X86_SEG_ES] = offsetof(struct kvm_sregs, es),    [ABX_X86_SEG_CS] = offsetof(struct kvm_sregs, cs),
    [ABX_X86_SEG_SS] = offsetof(struct kvm_sregs, ss),    [ABX_X86_SEG_DS] = offsetof(struct kvm_sregs, ds),
    [ABX_X86_SEG_FS] = offsetof(struct kvm_sregs, fs),    [ABX_X86_SEG_GS] = offsetof(struct kvm_sregs, gs),
    [ABX_X86_SEG_LDTR] = offsetof(struct kvm_sregs, ldt), [ABX_X86_SEG_TR] = offsetof(struct kvm_sregs, tr),
};

#define SYSTEM(name) [ABX_REG_NUMBER(name)]
static const place system_registers[] = {
    SYSTEM(ABX_X86_GDTR_BASE) = PLACE(struct kvm_sregs, gdt.base),
    SYSTEM(ABX_X86_GDTR_LIMIT) = PLACE(struct kvm_sregs, gdt.limit),
    SYSTEM(ABX_X86_IDTR_BASE) = PLACE(struct kvm_sregs, idt.base),
    SYSTEM(ABX_X86_IDTR_LIMIT) = PLACE(struct kvm_sregs, idt.limit),
    SYSTEM(ABX_X86_CR0) = PLACE(struct kvm_sregs, cr0),
    SYSTEM(ABX_X86_CR2) = PLACE(struct kvm_sregs, cr2),
    SYSTEM(ABX_X86_CR3) = PLACE(struct kvm_sregs, cr3),
    SYSTEM(ABX_X86_CR4) = PLACE(struct kvm_sregs, cr4),
    SYSTEM(ABX_X86_CR8) = PLACE(struct kvm_sregs, cr8),
    SYSTEM(ABX_X86_EFER) = PLACE(struct kvm_sregs, efer),
    SYSTEM(ABX_X86_APIC_BASE) = PLACE(struct kvm_sregs, apic_base),
};

static const place debug_registers[] = {
    PLACE(struct kvm_debugregs, db[0]),
    PLACE(struct kvm_debugregs, db[1]),
    PLACE(struct kvm_debugregs, db[2]),
    PLACE(struct kvm_debugregs, db[3]),
    { 0, 0 },
    { 0, 0 },
    PLACE(struct kvm_debugregs, dr6),
    PLACE(struct kvm_debugregs, dr7),
};

static bool in_table(const place *table, size_t count, uint32_t number)
{
    return number < count && table[number].width != 0;
}

/* The widths are those of x86's little-endian fields. */
static uint64_t load(const void *structure, place at)
{
    uint64_t value = 0;
    __builtin_memcpy(&value, (const uint8_t *)structure + at.offset, at.width);
    return value;
}

static bool store(void *structure, place at, uint64_t value)
{
    if (at.width < sizeof(value) && value >> (at.width * 8) != 0)
        return false;
    __builtin_memcpy((uint8_t *)structure + at.offset, &value, at.width);
    return true;
}

bool abx_x86_register_known(abx_reg name)
{
    uint32_t number = ABX_REG_NUMBER(name);
    uint32_t class = ABX_REG_CLASS(name);
    if (name != ABX_X86_REG(class, number))
        return false;
    switch (class) {
    case ABX_X86_CLASS_GPR:
        return in_table(general, COUNT(general), number);
    case ABX_X86_CLASS_SYSTEM:
        return number < FIRST_TABLE_REGISTER || in_table(system_registers, COUNT(system_registers), number);
    case ABX_X86_CLASS_DEBUG:
        return in_table(debug_registers, COUNT(debug_registers), number);
    case ABX_X86_CLASS_XCR:
        return name == ABX_X86_XCR0;
    case ABX_X86_CLASS_MSR:
        return true;
    default:
        return false;
    }
}

uint64_t abx_x86_get_general(const struct kvm_regs *registers, uint32_t number)
{
    return load(registers, general[number]);
}

bool abx_x86_set_general(struct kvm_regs *registers, uint32_t number, uint64_t value)
{
    return store(registers, general[number], number == RFLAGS ? value | RFLAGS_FIXED : value);
}

uint64_t abx_x86_get_system(const struct kvm_sregs *registers, uint32_t number)
{
    if (number >= FIRST_TABLE_REGISTER)
        return load(registers, system_registers[number]);
    const void *segment = (const uint8_t *)registers + segments[number / 4];
    return abx_segment_get(segment, number % 4);
}

bool abx_x86_set_system(struct kvm_sregs *registers, uint32_t number, uint64_t value)
{
    if (number >= FIRST_TABLE_REGISTER)
        return store(registers, system_registers[number], value);
    void *segment = (uint8_t *)registers + segments[number / 4];
    return abx_segment_set(segment, number % 4, value);
}

uint64_t abx_x86_get_debug(const struct kvm_debugregs *registers, uint32_t number)
{
    return load(registers, debug_registers[number]);
}

bool abx_x86_set_debug(struct kvm_debugregs *registers, uint32_t number, uint64_t value)
{
    return store(registers, debug_registers[number], value);
}
