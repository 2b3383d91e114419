/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "register_map.h"
#include "sysreg_table.h"

/* Numbers of core registers: see <arcbox/arm64.h>. */
enum { X30 = 30, SP, PC, PSTATE, SP_EL1, ELR_EL1, SPSR_EL1, CORE_COUNT };
enum { V_COUNT = 32, FPSR = 2 * V_COUNT, FPCR, FP_COUNT };
enum { SYSREG_COUNT = 1 << 16 };

static abx_place core(uint32_t number)
{
    switch (number) {
    case SP:
        return (abx_place){ .kind = ABX_PLACE_SYSREG, .number = ABX_SYSREG_SP_EL0 };
    case PC:
        return (abx_place){ .kind = ABX_PLACE_GENERAL, .number = HV_REG_PC };
    case PSTATE:
        return (abx_place){ .kind = ABX_PLACE_GENERAL, .number = HV_REG_CPSR };
    case SP_EL1:
        return (abx_place){ .kind = ABX_PLACE_SYSREG, .number = ABX_SYSREG_SP_EL1 };
    case ELR_EL1:
        return (abx_place){ .kind = ABX_PLACE_SYSREG, .number = ABX_SYSREG_ELR_EL1 };
    case SPSR_EL1:
        return (abx_place){ .kind = ABX_PLACE_SYSREG, .number = ABX_SYSREG_SPSR_EL1 };
    default:
        return (abx_place){ .kind = ABX_PLACE_GENERAL, .number = number };
    }
}

static abx_place vector(uint32_t number)
{
    if (number == FPSR)
        return (abx_place){ .kind = ABX_PLACE_GENERAL, .number = HV_REG_FPSR, .narrow = true };
    if (number == FPCR)
        return (abx_place){ .kind = ABX_PLACE_GENERAL, .number = HV_REG_FPCR, .narrow = true };
    return (abx_place){ .kind = ABX_PLACE_VECTOR, .number = number / 2, .upper = number % 2 };
}

bool abx_register_place(abx_reg name, abx_place *place)
{
    static const uint32_t counts[] = {
        [ABX_ARM64_CLASS_CORE] = CORE_COUNT,
        [ABX_ARM64_CLASS_FP] = FP_COUNT,
        [ABX_ARM64_CLASS_SYSREG] = SYSREG_COUNT,
    };
    uint32_t class = ABX_REG_CLASS(name);
    uint32_t number = ABX_REG_NUMBER(name);
    if (name != ABX_ARM64_REG(class, number) || class >= sizeof(counts) / sizeof(counts[0]) || number >= counts[class])
        return false;
    switch (class) {
    case ABX_ARM64_CLASS_CORE:
        *place = core(number);
        return true;
    case ABX_ARM64_CLASS_FP:
        *place = vector(number);
        return true;
    default:
        *place = (abx_place){ .kind = ABX_PLACE_SYSREG, .number = number };
        return true;
    }
}
