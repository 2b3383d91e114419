/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Registers of a vCPU for its owner. */
#include "gic.h"
#include "registers.h"
#include "turn.h"

#include <string.h>

/* The registers that the framework knows by name, as ranges with the version that they came with. */
typedef struct known_range {
    hv_sys_reg_t first, last;
    uint8_t since; /* major version */
} known_range;

static const known_range known[] = {
    { SYSREG(2, 0, 0, 0, 4), SYSREG(2, 0, 0, 0, 7), 11 },
    { SYSREG(2, 0, 0, 2, 0), SYSREG(2, 0, 0, 2, 0), 11 }, /* MDCCINT_EL1 */
    { SYSREG(2, 0, 0, 2, 2), SYSREG(2, 0, 0, 2, 2), 11 }, /* MDSCR_EL1 */
    { SYSREG(3, 0, 0, 0, 0), SYSREG(3, 0, 0, 0, 0), 11 }, /* MIDR_EL1 */
    { SYSREG(3, 0, 0, 0, 5), SYSREG(3, 0, 0, 0, 5), 11 }, /* MPIDR_EL1 */
    { SYSREG(3, 0, 0, 4, 0), SYSREG(3, 0, 0, 4, 1), 11 }, /* ID_AA64PFR0_EL1, PFR1 */
    { SYSREG(3, 0, 0, 5, 0), SYSREG(3, 0, 0, 5, 1), 11 }, /* DFR0, DFR1 */
    { SYSREG(3, 0, 0, 6, 0), SYSREG(3, 0, 0, 6, 1), 11 }, /* ISAR0, ISAR1 */
    { SYSREG(3, 0, 0, 7, 0), SYSREG(3, 0, 0, 7, 2), 11 }, /* MMFR0 to MMFR2 */
    { SYSREG(3, 0, 1, 0, 0), SYSREG(3, 0, 1, 0, 0), 11 }, /* SCTLR_EL1 */
    { SYSREG(3, 0, 1, 0, 1), SYSREG(3, 0, 1, 0, 1), 15 }, /* ACTLR_EL1 */
    { SYSREG(3, 0, 1, 0, 2), SYSREG(3, 0, 1, 0, 2), 11 }, /* CPACR_EL1 */
    { SYSREG(3, 0, 2, 0, 0), SYSREG(3, 0, 2, 0, 2), 11 }, /* TTBR0_EL1, TTBR1_EL1, TCR_EL1 */
    { SYSREG(3, 0, 2, 1, 0), SYSREG(3, 0, 2, 1, 3), 11 }, /* keys of pointer authentication */
    { SYSREG(3, 0, 2, 2, 0), SYSREG(3, 0, 2, 2, 3), 11 },
    { SYSREG(3, 0, 2, 3, 0), SYSREG(3, 0, 2, 3, 1), 11 },
    { SYSREG(3, 0, 4, 0, 0), SYSREG(3, 0, 4, 0, 1), 11 },   /* SPSR_EL1, ELR_EL1 */
    { SYSREG(3, 0, 4, 1, 0), SYSREG(3, 0, 4, 1, 0), 11 },   /* SP_EL0 */
    { SYSREG(3, 0, 5, 1, 0), SYSREG(3, 0, 5, 1, 1), 11 },   /* AFSR0_EL1, AFSR1_EL1 */
    { SYSREG(3, 0, 5, 2, 0), SYSREG(3, 0, 5, 2, 0), 11 },   /* ESR_EL1 */
    { SYSREG(3, 0, 6, 0, 0), SYSREG(3, 0, 6, 0, 0), 11 },   /* FAR_EL1 */
    { SYSREG(3, 0, 7, 4, 0), SYSREG(3, 0, 7, 4, 0), 11 },   /* PAR_EL1 */
    { SYSREG(3, 0, 10, 2, 0), SYSREG(3, 0, 10, 2, 0), 11 }, /* MAIR_EL1 */
    { SYSREG(3, 0, 10, 3, 0), SYSREG(3, 0, 10, 3, 0), 11 }, /* AMAIR_EL1 */
    { SYSREG(3, 0, 12, 0, 0), SYSREG(3, 0, 12, 0, 0), 11 }, /* VBAR_EL1 */
    { SYSREG(3, 0, 13, 0, 1), SYSREG(3, 0, 13, 0, 1), 11 }, /* CONTEXTIDR_EL1 */
    { SYSREG(3, 0, 13, 0, 4), SYSREG(3, 0, 13, 0, 4), 11 }, /* TPIDR_EL1 */
    { SYSREG(3, 0, 14, 1, 0), SYSREG(3, 0, 14, 1, 0), 11 }, /* CNTKCTL_EL1 */
    { SYSREG(3, 2, 0, 0, 0), SYSREG(3, 2, 0, 0, 0), 11 },   /* CSSELR_EL1 */
    { SYSREG(3, 3, 13, 0, 2), SYSREG(3, 3, 13, 0, 3), 11 }, /* TPIDR_EL0, TPIDRRO_EL0 */
    { SYSREG(3, 3, 14, 3, 1), SYSREG(3, 3, 14, 3, 2), 11 }, /* CNTV_CTL_EL0, CNTV_CVAL_EL0 */
    { SYSREG(3, 4, 4, 1, 0), SYSREG(3, 4, 4, 1, 0), 11 },   /* SP_EL1 */
};

static bool is_known(hv_sys_reg_t reg)
{
    /* Breakpoints and watchpoints: all sixteen of each. */
    if (reg >> 7 == SYSREG(2, 0, 0, 0, 0) >> 7 && (reg & 4))
        return true;
    if (reg == SYSREG(3, 3, 14, 2, 1) || reg == SYSREG(3, 3, 14, 2, 2))
        return gic_exists(); /* the physical timer */
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (reg >= known[i].first && reg <= known[i].last)
            return abx_model_macos_at_least(known[i].since, 0);
    }
    return false;
}

static bool engine_number(hv_reg_t reg, int *number)
{
    switch (reg) {
    case HV_REG_FPCR:
        *number = UC_ARM64_REG_FPCR;
        return true;
    case HV_REG_FPSR:
        *number = UC_ARM64_REG_FPSR;
        return true;
    default:
        return false;
    }
}

hv_return_t hv_vcpu_get_reg(hv_vcpu_t id, hv_reg_t reg, uint64_t *value)
{
    model_vcpu *vcpu = model_enter(__func__, id);
    hv_return_t status = HV_SUCCESS;
    int number;
    uint32_t word = 0;
    if (model_fails(__func__, &status)) {
    } else if (reg <= HV_REG_X30) {
        *value = register_x(vcpu, reg);
    } else if (reg == HV_REG_PC) {
        *value = register_pc(vcpu);
    } else if (reg == HV_REG_CPSR) {
        *value = register_pstate(vcpu);
    } else if (engine_number(reg, &number) && uc_reg_read(vcpu->engine, number, &word) == UC_ERR_OK) {
        *value = word;
    } else {
        status = HV_BAD_ARGUMENT;
    }
    turn_give();
    return status;
}

hv_return_t hv_vcpu_set_reg(hv_vcpu_t id, hv_reg_t reg, uint64_t value)
{
    model_vcpu *vcpu = model_enter(__func__, id);
    hv_return_t status = HV_SUCCESS;
    int number;
    if (model_fails(__func__, &status)) {
    } else if (reg <= HV_REG_X30) {
        register_set_x(vcpu, reg, value);
    } else if (reg == HV_REG_PC) {
        register_set_pc(vcpu, value);
    } else if (reg == HV_REG_CPSR) {
        register_set_pstate(vcpu, value);
    } else if (!engine_number(reg, &number) || uc_reg_write(vcpu->engine, number, &value) != UC_ERR_OK) {
        status = HV_BAD_ARGUMENT;
    }
    turn_give();
    return status;
}

hv_return_t hv_vcpu_get_simd_fp_reg(hv_vcpu_t id, hv_simd_fp_reg_t reg, hv_simd_fp_uchar16_t *value)
{
    model_vcpu *vcpu = model_enter(__func__, id);
    hv_return_t status = reg > 31 ? HV_BAD_ARGUMENT : HV_SUCCESS;
    if (status == HV_SUCCESS && !model_fails(__func__, &status) &&
        uc_reg_read(vcpu->engine, UC_ARM64_REG_Q0 + (int)reg, value) != UC_ERR_OK)
        model_broken(__func__, "libunicorn does not have it");
    turn_give();
    return status;
}

hv_return_t hv_vcpu_set_simd_fp_reg(hv_vcpu_t id, hv_simd_fp_reg_t reg, hv_simd_fp_uchar16_t value)
{
    model_vcpu *vcpu = model_enter(__func__, id);
    hv_return_t status = reg > 31 ? HV_BAD_ARGUMENT : HV_SUCCESS;
    if (status == HV_SUCCESS && !model_fails(__func__, &status) &&
        uc_reg_write(vcpu->engine, UC_ARM64_REG_Q0 + (int)reg, &value) != UC_ERR_OK)
        model_broken(__func__, "libunicorn does not have it");
    turn_give();
    return status;
}

hv_return_t hv_vcpu_get_sys_reg(hv_vcpu_t id, hv_sys_reg_t reg, uint64_t *value)
{
    model_vcpu *vcpu = model_enter(__func__, id);
    hv_return_t status = is_known(reg) ? HV_SUCCESS : HV_BAD_ARGUMENT;
    if (status == HV_SUCCESS && !model_fails(__func__, &status) && !register_read_system(vcpu, reg, value))
        status = HV_UNSUPPORTED;
    turn_give();
    return status;
}

hv_return_t hv_vcpu_set_sys_reg(hv_vcpu_t id, hv_sys_reg_t reg, uint64_t value)
{
    model_vcpu *vcpu = model_enter(__func__, id);
    hv_return_t status = is_known(reg) ? HV_SUCCESS : HV_BAD_ARGUMENT;
    if (status == HV_SUCCESS && !model_fails(__func__, &status) && !register_write_system(vcpu, reg, value))
        status = HV_UNSUPPORTED;
    turn_give();
    return status;
}
