/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "registers.h"

#include "identity.h"

static void read_engine(const model_vcpu *vcpu, int reg, void *value)
{
    if (uc_reg_read(vcpu->engine, reg, value) != UC_ERR_OK)
        model_broken("uc_reg_read", "no such register");
}

static void write_engine(model_vcpu *vcpu, int reg, const void *value)
{
    if (uc_reg_write(vcpu->engine, reg, value) != UC_ERR_OK)
        model_broken("uc_reg_write", "no such register");
}

/* X29 and X30 are not behind X28 there. */
static int engine_x(uint32_t number)
{
    static const int last[] = { UC_ARM64_REG_X29, UC_ARM64_REG_X30 };
    return number < 29 ? UC_ARM64_REG_X0 + (int)number : last[number - 29];
}

uint64_t register_x(const model_vcpu *vcpu, uint32_t number)
{
    uint64_t value = 0;
    if (number < 31)
        read_engine(vcpu, engine_x(number), &value);
    return value;
}

void register_set_x(model_vcpu *vcpu, uint32_t number, uint64_t value)
{
    if (number < 31)
        write_engine(vcpu, engine_x(number), &value);
}

uint64_t register_sp(const model_vcpu *vcpu)
{
    uint64_t value = 0;
    read_engine(vcpu, UC_ARM64_REG_SP, &value);
    return value;
}

uint64_t register_pc(const model_vcpu *vcpu)
{
    uint64_t value = 0;
    read_engine(vcpu, UC_ARM64_REG_PC, &value);
    return value;
}

void register_set_pc(model_vcpu *vcpu, uint64_t value)
{
    write_engine(vcpu, UC_ARM64_REG_PC, &value);
}

static uc_arm64_cp_reg named(hv_sys_reg_t reg)
{
    return (uc_arm64_cp_reg){
        .op0 = reg >> 14, .op1 = reg >> 11 & 7, .crn = reg >> 7 & 15, .crm = reg >> 3 & 15, .op2 = reg & 7
    };
}

static bool read_bank(const model_vcpu *vcpu, hv_sys_reg_t reg, uint64_t *value)
{
    uc_arm64_cp_reg name = named(reg);
    if (uc_reg_read(vcpu->engine, UC_ARM64_REG_CP_REG, &name) != UC_ERR_OK)
        return false;
    *value = name.val;
    return true;
}

static bool write_bank(model_vcpu *vcpu, hv_sys_reg_t reg, uint64_t value)
{
    uc_arm64_cp_reg name = named(reg);
    name.val = value;
    return uc_reg_write(vcpu->engine, UC_ARM64_REG_CP_REG, &name) == UC_ERR_OK;
}

/* The stack pointer that this state uses. */
static hv_sys_reg_t stack_of(uint64_t pstate)
{
    return pstate & PSTATE_SP ? SYSREG_SP_EL1 : SYSREG_SP_EL0;
}

uint64_t register_pstate(const model_vcpu *vcpu)
{
    uint64_t value = 0;
    read_engine(vcpu, UC_ARM64_REG_PSTATE, &value);
    return (value & UINT64_C(0xffffffff)) | (vcpu->software_step ? PSTATE_SS : 0);
}

void register_set_pstate(model_vcpu *vcpu, uint64_t value)
{
    uint64_t stack = register_sp(vcpu);
    if (!write_bank(vcpu, stack_of(register_pstate(vcpu)), stack))
        model_broken("uc_reg_write", "no stack pointers");
    vcpu->software_step = value & PSTATE_SS;
    uint64_t kept = value & ~PSTATE_SS;
    write_engine(vcpu, UC_ARM64_REG_PSTATE, &kept);
    read_bank(vcpu, stack_of(value), &stack);
    write_engine(vcpu, UC_ARM64_REG_SP, &stack);
}

/* Breakpoints and watchpoints: DBGBVRn, DBGBCRn, DBGWVRn, DBGWCRn_EL1 are op2 4 to 7 of CRm n. */
static uint64_t *debug_register(model_vcpu *vcpu, hv_sys_reg_t reg)
{
    if (reg >> 7 != SYSREG(2, 0, 0, 0, 0) >> 7)
        return NULL;
    uint32_t number = reg >> 3 & 15;
    switch (reg & 7) {
    case 4:
        return &vcpu->breakpoint[number];
    case 5:
        return &vcpu->breakpoint_control[number];
    case 6:
        return &vcpu->watchpoint[number];
    case 7:
        return &vcpu->watchpoint_control[number];
    default:
        return NULL;
    }
}

uint64_t *register_kept(model_vcpu *vcpu, hv_sys_reg_t reg)
{
    switch (reg) {
    case SYSREG_MPIDR_EL1:
        return &vcpu->mpidr;
    case SYSREG_MDCCINT_EL1:
        return &vcpu->mdccint;
    case SYSREG_MDSCR_EL1:
        return &vcpu->mdscr;
    case SYSREG_CNTV_CTL_EL0:
        return &vcpu->timer_control;
    case SYSREG(3, 3, 14, 2, 1): /* CNTP_CTL_EL0 */
        return &vcpu->physical_control;
    case SYSREG(3, 3, 14, 2, 2): /* CNTP_CVAL_EL0 */
        return &vcpu->physical_compare;
    case SYSREG_CNTV_CVAL_EL0:
        return &vcpu->timer_compare;
    default:
        return reg >> 14 == 2 ? debug_register(vcpu, reg) : identity_of(vcpu, reg);
    }
}

bool register_read_system(const model_vcpu *vcpu, hv_sys_reg_t reg, uint64_t *value)
{
    const uint64_t *kept = register_kept((model_vcpu *)vcpu, reg);
    if (kept) {
        *value = *kept;
        return true;
    }
    if (reg == stack_of(register_pstate(vcpu))) {
        *value = register_sp(vcpu);
        return true;
    }
    return read_bank(vcpu, reg, value);
}

bool register_write_system(model_vcpu *vcpu, hv_sys_reg_t reg, uint64_t value)
{
    uint64_t *kept = register_kept(vcpu, reg);
    if (kept) {
        *kept = value;
        return true;
    }
    if (reg == stack_of(register_pstate(vcpu))) {
        write_engine(vcpu, UC_ARM64_REG_SP, &value);
        return true;
    }
    return write_bank(vcpu, reg, value);
}
