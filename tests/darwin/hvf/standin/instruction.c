/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "instruction.h"

#include "registers.h"

static uint32_t bits(uint32_t instruction, uint32_t low, uint32_t count)
{
    return instruction >> low & ((1u << count) - 1);
}

static int64_t signed_bits(uint32_t instruction, uint32_t low, uint32_t count)
{
    int64_t value = bits(instruction, low, count);
    return value >> (count - 1) ? value - (INT64_C(1) << count) : value;
}

static uint64_t base(const model_vcpu *vcpu, uint32_t instruction)
{
    uint32_t reg = bits(instruction, 5, 5);
    return reg == 31 ? register_sp(vcpu) : register_x(vcpu, reg);
}

/* LDR of a value beside the code. */
static void literal(const model_vcpu *vcpu, uint32_t instruction, instruction_access *out)
{
    out->address = vcpu->pc + (uint64_t)(signed_bits(instruction, 5, 19) * 4);
    out->size = 4u << bits(instruction, 30, 1);
    if (bits(instruction, 26, 1)) {
        out->size = 4u << bits(instruction, 30, 2);
        return;
    }
    if (bits(instruction, 30, 2) == 2)
        out->size = 4;
    out->described = true;
    out->sign_extends = bits(instruction, 30, 2) == 2;
    out->wide = bits(instruction, 30, 2) != 0;
    out->reg = bits(instruction, 0, 5);
}

/* Exclusives, ordered loads and stores, compare and swap. */
static void exclusive(const model_vcpu *vcpu, uint32_t instruction, instruction_access *out)
{
    bool ordered = bits(instruction, 23, 1), other = bits(instruction, 21, 1), load = bits(instruction, 22, 1);
    uint32_t size = bits(instruction, 30, 2);
    out->address = base(vcpu, instruction);
    out->size = 1u << size;
    if (ordered && other)
        return; /* CAS: told as a load */
    out->write = !load;
    if (!ordered) {
        if (other)
            out->size = 2u << size;
        return;
    }
    out->described = true;
    out->ordered = true;
    out->wide = size == 3;
    out->reg = bits(instruction, 0, 5);
}

static void pair(const model_vcpu *vcpu, uint32_t instruction, instruction_access *out)
{
    bool vector = bits(instruction, 26, 1), post_index = bits(instruction, 23, 2) == 1;
    uint32_t scale = vector ? 2 + bits(instruction, 30, 2) : 2 + bits(instruction, 31, 1);
    out->write = !bits(instruction, 22, 1);
    out->size = 2u << scale;
    out->address = base(vcpu, instruction);
    if (!post_index)
        out->address += (uint64_t)signed_bits(instruction, 15, 7) << scale;
}

static uint64_t extended_register(const model_vcpu *vcpu, uint32_t instruction, uint32_t scale)
{
    uint64_t value = register_x(vcpu, bits(instruction, 16, 5));
    switch (bits(instruction, 13, 3)) {
    case 2: /* UXTW */
        value = (uint32_t)value;
        break;
    case 6: /* SXTW */
        value = (uint64_t)(int64_t)(int32_t)value;
        break;
    default:
        break;
    }
    return bits(instruction, 12, 1) ? value << scale : value;
}

/* LDR, STR and their like, of one register. */
static void single(const model_vcpu *vcpu, uint32_t instruction, instruction_access *out)
{
    bool vector = bits(instruction, 26, 1), unsigned_offset = bits(instruction, 24, 1);
    uint32_t operation = bits(instruction, 22, 2), scale = bits(instruction, 30, 2);
    bool write_back = false;
    if (vector)
        scale |= (operation & 2) << 1;
    out->write = vector ? !(operation & 1) : operation == 0;
    out->size = 1u << scale;
    out->address = base(vcpu, instruction);
    if (unsigned_offset) {
        out->address += (uint64_t)bits(instruction, 10, 12) << scale;
    } else if (bits(instruction, 21, 1)) {
        out->address += extended_register(vcpu, instruction, scale);
    } else {
        uint32_t index = bits(instruction, 10, 2); /* 1 post, 3 pre */
        write_back = index & 1;
        if (index != 1)
            out->address += (uint64_t)signed_bits(instruction, 12, 9);
    }
    if (vector || write_back)
        return;
    out->described = true;
    out->sign_extends = operation >= 2;
    out->wide = operation == 2 || (operation < 2 && scale == 3);
    out->reg = bits(instruction, 0, 5);
}

/* LDADD, SWP …: told as loads. LDAPR is among them, and is one. */
static void atomic(const model_vcpu *vcpu, uint32_t instruction, instruction_access *out)
{
    out->address = base(vcpu, instruction);
    out->size = 1u << bits(instruction, 30, 2);
    if ((instruction & 0x3ffffc00) != 0x38bfc000)
        return;
    out->described = true;
    out->ordered = true;
    out->wide = bits(instruction, 30, 2) == 3;
    out->reg = bits(instruction, 0, 5);
}

/* LD1, ST1 …, of several elements or one. */
static void structure(const model_vcpu *vcpu, uint32_t instruction, instruction_access *out)
{
    out->write = !bits(instruction, 22, 1);
    out->address = base(vcpu, instruction);
    out->size = bits(instruction, 24, 1) ? 1 : 8u << bits(instruction, 30, 1);
}

bool instruction_decode(const model_vcpu *vcpu, uint32_t instruction, instruction_access *out)
{
    *out = (instruction_access){ 0 };
    if ((instruction & 0x3b000000) == 0x18000000)
        literal(vcpu, instruction, out);
    else if ((instruction & 0x3f000000) == 0x08000000)
        exclusive(vcpu, instruction, out);
    else if ((instruction & 0x3a000000) == 0x28000000)
        pair(vcpu, instruction, out);
    else if ((instruction & 0x3f200c00) == 0x38200000)
        atomic(vcpu, instruction, out);
    else if ((instruction & 0x3a000000) == 0x38000000)
        single(vcpu, instruction, out);
    else if ((instruction & 0xbe000000) == 0x0c000000)
        structure(vcpu, instruction, out);
    else if ((instruction & 0xffffffe0) == 0xd50b7420) /* DC ZVA */
        *out = (instruction_access){ .write = true, .address = register_x(vcpu, bits(instruction, 0, 5)), .size = 64 };
    else
        return false;
    return true;
}
