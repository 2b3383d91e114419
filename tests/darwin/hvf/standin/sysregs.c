/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "sysregs.h"

#include "gic.h"
#include "level.h"
#include "registers.h"
#include "timer.h"
#include "translate.h"

/* Ranges of registers by their numbers, both ends included. */
typedef struct register_range {
    hv_sys_reg_t first, last;
} register_range;

/* Without the framework's GIC. Performance monitors, the physical timer, the GIC's interface to the CPU, what is
 * defined by the implementation. */
static const register_range trapped[] = {
    { SYSREG(3, 0, 4, 6, 0), SYSREG(3, 0, 4, 6, 0) },    /* ICC_PMR_EL1 */
    { SYSREG(3, 0, 9, 14, 0), SYSREG(3, 0, 9, 14, 7) },  /* PMINTEN… */
    { SYSREG(3, 0, 11, 0, 0), SYSREG(3, 0, 11, 15, 7) }, /* implementation defined */
    { SYSREG(3, 0, 12, 8, 0), SYSREG(3, 0, 12, 12, 7) }, /* ICC_… */
    { SYSREG(3, 0, 15, 0, 0), SYSREG(3, 0, 15, 15, 7) }, /* implementation defined */
    { SYSREG(3, 3, 9, 12, 0), SYSREG(3, 3, 9, 14, 7) },  /* PM… */
    { SYSREG(3, 3, 11, 0, 0), SYSREG(3, 3, 11, 15, 7) }, /* implementation defined */
    { SYSREG(3, 3, 14, 0, 1), SYSREG(3, 3, 14, 0, 1) },  /* CNTPCT_EL0 */
    { SYSREG(3, 3, 14, 2, 0), SYSREG(3, 3, 14, 2, 2) },  /* CNTP_… */
    { SYSREG(3, 3, 14, 8, 0), SYSREG(3, 3, 14, 15, 7) }, /* PMEV… */
    { SYSREG(3, 3, 15, 0, 0), SYSREG(3, 3, 15, 15, 7) }, /* implementation defined */
};

static bool is_trapped(const model_vcpu *vcpu, hv_sys_reg_t reg)
{
    if (gic_exists() && reg >= SYSREG(3, 3, 14, 2, 1) && reg <= SYSREG(3, 3, 14, 2, 2))
        return false;
    if (reg >> 14 == 2)
        return vcpu->trap_debug_registers || (reg >> 7 & 15) != 0; /* the OS lock always */
    for (size_t i = 0; i < sizeof(trapped) / sizeof(trapped[0]); i++) {
        if (reg >= trapped[i].first && reg <= trapped[i].last)
            return true;
    }
    return false;
}

static hv_sys_reg_t number(const uc_arm64_cp_reg *name)
{
    return SYSREG(name->op0, name->op1, name->crn, name->crm, name->op2);
}

/* The register is that of the instruction: the numbers that libunicorn gives end at X28. */
static uint32_t general(model_vcpu *vcpu)
{
    vcpu->pc = register_pc(vcpu);
    return fetch(vcpu, vcpu->pc) & 31;
}

/* Those that libunicorn does not know cannot be answered in the hook: it would begin the instruction again. */
static uint32_t leave(model_vcpu *vcpu)
{
    vcpu->pc = register_pc(vcpu);
    vcpu->event = EVENT_SYSREG;
    uc_emu_stop(vcpu->engine);
    return true;
}

static uint32_t on_read(uc_engine *engine, uc_arm64_reg unused, const uc_arm64_cp_reg *name, void *data)
{
    (void)engine, (void)unused;
    model_vcpu *vcpu = data;
    hv_sys_reg_t reg = number(name);
    uint64_t value;
    if (is_trapped(vcpu, reg))
        return leave(vcpu);
    const uint64_t *kept = register_kept(vcpu, reg);
    if (!timer_read(vcpu, reg, &value)) {
        if (!kept)
            return false;
        value = *kept;
    }
    register_set_x(vcpu, general(vcpu), value);
    return true;
}

static uint32_t on_write(uc_engine *engine, uc_arm64_reg unused, const uc_arm64_cp_reg *name, void *data)
{
    (void)engine, (void)unused;
    model_vcpu *vcpu = data;
    hv_sys_reg_t reg = number(name);
    if (is_trapped(vcpu, reg))
        return leave(vcpu);
    if (reg == SYSREG_SPSR_EL1)
        level_note(vcpu);
    uint64_t value = register_x(vcpu, general(vcpu));
    if (timer_write(vcpu, reg, value))
        return true;
    uint64_t *kept = register_kept(vcpu, reg);
    if (!kept)
        return false;
    *kept = value;
    return true;
}

void sysregs_attach(model_vcpu *vcpu)
{
    uc_hook hook;
    if (uc_hook_add(vcpu->engine, &hook, UC_HOOK_INSN, (void *)on_read, vcpu, 1, 0, UC_ARM64_INS_MRS) != UC_ERR_OK ||
        uc_hook_add(vcpu->engine, &hook, UC_HOOK_INSN, (void *)on_write, vcpu, 1, 0, UC_ARM64_INS_MSR) != UC_ERR_OK)
        model_broken("uc_hook_add", "no hooks of system registers");
}
