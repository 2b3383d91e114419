/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "translate.h"

#include "memory.h"
#include "registers.h"

#include <string.h>

/* Fault status codes (D19.2, ESR_EL1), the level in the lowest two bits. */
enum { FAULT_ADDRESS_SIZE = 0x00, FAULT_TRANSLATION = 0x04, FAULT_ACCESS_FLAG = 0x08, FAULT_PERMISSION = 0x0c };

typedef struct regime {
    uint64_t table;   /* of the first level */
    uint32_t granule; /* bits of a page */
    uint32_t bits;    /* of the addresses that it translates */
} regime;

static uint64_t system_register(const model_vcpu *vcpu, hv_sys_reg_t reg)
{
    uint64_t value = 0;
    register_read_system(vcpu, reg, &value);
    return value;
}

/* Which of the two tables; false where the address belongs to neither. */
static bool choose(const model_vcpu *vcpu, uint64_t address, regime *out)
{
    uint64_t tcr = system_register(vcpu, SYSREG_TCR_EL1);
    bool upper = address >> 55 & 1;
    bool ignore_top = tcr >> (upper ? 38 : 37) & 1;
    bool disabled = tcr >> (upper ? 23 : 7) & 1;
    uint32_t granule = upper ? tcr >> 30 & 3 : tcr >> 14 & 3;
    out->bits = 64 - (upper ? tcr >> 16 & 63 : tcr & 63);
    /* TG0: 0 4 KiB, 1 64 KiB, 2 16 KiB. TG1: 2 4 KiB, 3 64 KiB, 1 16 KiB. */
    static const uint8_t lower_bits[] = { 12, 16, 14, 12 }, upper_bits[] = { 12, 14, 12, 16 };
    out->granule = upper ? upper_bits[granule] : lower_bits[granule];
    out->table = system_register(vcpu, upper ? SYSREG_TTBR1_EL1 : SYSREG_TTBR0_EL1) & UINT64_C(0x0000fffffffffffe);
    uint64_t top = address >> out->bits;
    uint64_t expected = upper ? UINT64_MAX >> out->bits : 0;
    if (ignore_top) {
        top &= (UINT64_C(1) << (56 - out->bits)) - 1;
        expected &= (UINT64_C(1) << (56 - out->bits)) - 1;
    }
    return !disabled && top == expected;
}

/* AP and the never-execute bits, those of tables included. */
static bool allowed(const model_vcpu *vcpu, uint64_t descriptor, access_kind kind)
{
    uint64_t pstate = register_pstate(vcpu);
    bool user = (pstate & 0xc) == 0;
    bool user_may = descriptor >> 6 & 1, read_only = descriptor >> 7 & 1;
    if (kind == ACCESS_FETCH)
        return user ? user_may && !(descriptor >> 54 & 1) : !(descriptor >> 53 & 1) && !(user_may && !read_only);
    if (user && !user_may)
        return false;
    if (!user && user_may && (pstate & PSTATE_PAN))
        return false;
    return kind == ACCESS_READ || !read_only;
}

static bool walk(const model_vcpu *vcpu, uint64_t address, access_kind kind, hv_ipa_t *ipa, uint32_t *fault)
{
    regime where;
    *fault = FAULT_TRANSLATION;
    if (!choose(vcpu, address, &where))
        return false;
    uint32_t per_level = where.granule - 3;
    uint32_t level = 4 - (where.bits - where.granule + per_level - 1) / per_level;
    uint64_t table = where.table, from_tables = 0;
    for (;; level++) {
        uint32_t shift = where.granule + (3 - level) * per_level;
        uint64_t index = (address & (UINT64_MAX >> (64 - where.bits))) >> shift;
        index &= level == 4 - (where.bits - where.granule + per_level - 1) / per_level ? UINT64_MAX
                                                                                       : (UINT64_C(1) << per_level) - 1;
        const void *entry = memory_at(table + index * 8, 8);
        uint64_t descriptor = 0;
        if (entry)
            memcpy(&descriptor, entry, sizeof(descriptor));
        *fault = FAULT_TRANSLATION | level;
        if (!(descriptor & 1) || (level == 3 && !(descriptor & 2)))
            return false;
        uint64_t output = descriptor & UINT64_C(0x0000fffffffff000);
        if (level < 3 && (descriptor & 2)) {
            from_tables |= descriptor;
            table = output & ~((UINT64_C(1) << where.granule) - 1);
            continue;
        }
        *fault = FAULT_ACCESS_FLAG | level;
        if (!(descriptor >> 10 & 1))
            return false;
        /* What tables forbid: PXNTable 59, UXNTable 60, APTable 61 and 62. */
        if (from_tables >> 61 & 1)
            descriptor &= ~(UINT64_C(1) << 6);
        descriptor |= (from_tables >> 62 & 1) << 7 | (from_tables >> 59 & 3) << 53;
        *fault = FAULT_PERMISSION | level;
        if (!allowed(vcpu, descriptor, kind))
            return false;
        uint64_t inside = (UINT64_C(1) << shift) - 1;
        *ipa = (output & ~inside) | (address & inside);
        return true;
    }
}

bool translate(const model_vcpu *vcpu, uint64_t address, access_kind kind, hv_ipa_t *ipa, uint32_t *fault)
{
    if (system_register(vcpu, SYSREG_SCTLR_EL1) & 1)
        return walk(vcpu, address, kind, ipa, fault);
    *ipa = address;
    return true;
}

uint32_t fetch(const model_vcpu *vcpu, uint64_t address)
{
    hv_ipa_t ipa;
    uint32_t fault, instruction = 0;
    if (translate(vcpu, address, ACCESS_FETCH, &ipa, &fault)) {
        const void *at = memory_at(ipa, sizeof(instruction));
        if (at)
            memcpy(&instruction, at, sizeof(instruction));
    }
    return instruction;
}
