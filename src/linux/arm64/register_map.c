/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "register_map.h"
#include "register_access.h"

/* Numbers of core registers: see <arcbox/arm64.h>. */
enum { SP = 31, PC, PSTATE, SP_EL1, ELR_EL1, SPSR_EL1, CORE_COUNT };
enum { V_COUNT = 32, FPSR = 2 * V_COUNT, FPCR };

/* SVE: words of Z, then of P, then of FFR; KVM has them in slices of 2048 and 256 bits, of which there is one each. */
enum { Z_WORDS = 32, P_FIRST = 1024, P_WORDS = 4, FFR_FIRST = P_FIRST + 16 * P_WORDS, SVE_COUNT = FFR_FIRST + P_WORDS };

enum { SYSREG_COUNT = 1 << 16, WORD = sizeof(uint64_t), VECTOR = 2 * WORD };

#define CORE_U64(member) ABX_KVM_CORE(offsetof(struct kvm_regs, member), KVM_REG_SIZE_U64)
#define CORE_U32(member) ABX_KVM_CORE(offsetof(struct kvm_regs, member), KVM_REG_SIZE_U32)

static abx_register_place whole(uint64_t id, uint32_t width)
{
    return (abx_register_place){ .id = id, .width = width };
}

static abx_register_place word(uint64_t id, uint32_t number)
{
    return (abx_register_place){ .id = id, .offset = number * WORD, .width = WORD };
}

static abx_register_place core(uint32_t number)
{
    switch (number) {
    case SP:
        return whole(CORE_U64(regs.sp), WORD);
    case PC:
        return whole(CORE_U64(regs.pc), WORD);
    case PSTATE:
        return whole(CORE_U64(regs.pstate), WORD);
    case SP_EL1:
        return whole(CORE_U64(sp_el1), WORD);
    case ELR_EL1:
        return whole(CORE_U64(elr_el1), WORD);
    case SPSR_EL1:
        return whole(CORE_U64(spsr[KVM_SPSR_EL1]), WORD);
    default:
        return whole(ABX_KVM_X(number), WORD);
    }
}

static abx_register_place vector(uint32_t number, bool sve)
{
    uint32_t n = number / 2;
    if (number == FPSR)
        return whole(CORE_U32(fp_regs.fpsr), sizeof(uint32_t));
    if (number == FPCR)
        return whole(CORE_U32(fp_regs.fpcr), sizeof(uint32_t));
    if (sve)
        return word(KVM_REG_ARM64_SVE_ZREG((uint64_t)n, 0), number % 2);
    return word(ABX_KVM_CORE(offsetof(struct kvm_regs, fp_regs.vregs) + n * VECTOR, KVM_REG_SIZE_U128), number % 2);
}

static abx_register_place scalable(uint32_t number)
{
    if (number < P_FIRST)
        return word(KVM_REG_ARM64_SVE_ZREG((uint64_t)number / Z_WORDS, 0), number % Z_WORDS);
    if (number < FFR_FIRST)
        return word(KVM_REG_ARM64_SVE_PREG((uint64_t)(number - P_FIRST) / P_WORDS, 0), number % P_WORDS);
    return word(KVM_REG_ARM64_SVE_FFR(0), number % P_WORDS);
}

/* KVM's ids of the virtual timer's compare value and count are swapped; that is in its interface for ever. */
static abx_register_place system_register(uint32_t number)
{
    if (number == ABX_REG_NUMBER(ABX_ARM64_CNTV_CVAL_EL0))
        return whole(KVM_REG_ARM_TIMER_CVAL, WORD);
    if (number == ABX_REG_NUMBER(ABX_ARM64_CNTVCT_EL0))
        return whole(KVM_REG_ARM_TIMER_CNT, WORD);
    return whole(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM64_SYSREG | number, WORD);
}

bool abx_arm64_register_place(abx_reg name, bool sve, abx_register_place *place)
{
    static const uint32_t counts[] = {
        [ABX_ARM64_CLASS_CORE] = CORE_COUNT,
        [ABX_ARM64_CLASS_FP] = FPCR + 1,
        [ABX_ARM64_CLASS_SYSREG] = SYSREG_COUNT,
        [ABX_ARM64_CLASS_SVE] = SVE_COUNT,
    };
    uint32_t class = ABX_REG_CLASS(name);
    uint32_t number = ABX_REG_NUMBER(name);
    if (name != ABX_ARM64_REG(class, number) || class >= sizeof(counts) / sizeof(counts[0]) || number >= counts[class])
        return false;
    switch (class) {
    case ABX_ARM64_CLASS_CORE:
        *place = core(number);
        break;
    case ABX_ARM64_CLASS_FP:
        *place = vector(number, sve);
        break;
    case ABX_ARM64_CLASS_SVE:
        *place = scalable(number);
        break;
    default:
        *place = system_register(number);
    }
    return true;
}
