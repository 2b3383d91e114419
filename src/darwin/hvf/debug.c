/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "hvf_backend.h"

/* Calls `visit` for each debug register that the vCPU has, until one fails. */
static hv_return_t for_each(const abx_hvf_vcpu *vcpu, abx_debug_registers *registers,
                            hv_return_t (*visit)(hv_vcpu_t id, uint32_t number, uint64_t *value))
{
    const uint32_t counts[] = { vcpu->vm->hypervisor->breakpoints, vcpu->vm->hypervisor->watchpoints };
    const uint32_t first_op2[] = { 4, 6 };
    hv_return_t result = visit(vcpu->id, ABX_SYSREG_MDSCR_EL1, &registers->mdscr);
    for (uint32_t kind = 0; kind < 2; kind++) {
        for (uint32_t i = 0; i < 2 * counts[kind] && result == HV_SUCCESS; i++) {
            uint32_t number = ABX_ARM64_SYSREG_NUMBER(2, 0, 0, i / 2, first_op2[kind] + i % 2);
            result = visit(vcpu->id, number, abx_debug_register(registers, number));
        }
    }
    return result;
}

static hv_return_t fetch(hv_vcpu_t id, uint32_t number, uint64_t *value)
{
    return hv_vcpu_get_sys_reg(id, (hv_sys_reg_t)number, value);
}

static hv_return_t store(hv_vcpu_t id, uint32_t number, uint64_t *value)
{
    return hv_vcpu_set_sys_reg(id, (hv_sys_reg_t)number, *value);
}

/* What leaves the guest: debug exceptions, and accesses to the registers that are not the guest's now. */
static hv_return_t set_traps(hv_vcpu_t id, bool on)
{
    hv_return_t result = hv_vcpu_set_trap_debug_exceptions(id, on);
    return result == HV_SUCCESS ? hv_vcpu_set_trap_debug_reg_accesses(id, on) : result;
}

static hv_return_t clear_step(hv_vcpu_t id)
{
    uint64_t pstate;
    hv_return_t result = hv_vcpu_get_reg(id, HV_REG_CPSR, &pstate);
    return result == HV_SUCCESS ? hv_vcpu_set_reg(id, HV_REG_CPSR, pstate & ~ABX_DEBUG_PSTATE_SS) : result;
}

static hv_return_t give_back(abx_hvf_vcpu *vcpu)
{
    hv_return_t result = for_each(vcpu, &vcpu->debug.guest, store);
    if (result == HV_SUCCESS)
        result = set_traps(vcpu->id, false);
    return result == HV_SUCCESS ? clear_step(vcpu->id) : result;
}

static abx_status end(abx_hvf_vcpu *vcpu)
{
    if (!vcpu->debug.on)
        return ABX_OK;
    abx_status status = abx_hv_check(give_back(vcpu), "end the debugging of vCPU %u", vcpu->number);
    if (status == ABX_OK)
        vcpu->debug = (abx_debug_state){ .on = false };
    return status;
}

static abx_status begin(abx_hvf_vcpu *vcpu, const abx_debug_config *config)
{
    static const char operation[] = "debug vCPU %u";
    abx_debug_registers wanted = abx_debug_encode(config);
    abx_debug_state made = vcpu->debug;
    hv_return_t result = made.on ? HV_SUCCESS : for_each(vcpu, &made.guest, fetch);
    if (result != HV_SUCCESS)
        return abx_hv_check(result, operation, vcpu->number);
    made.on = true;
    made.single_step = config->single_step;
    made.software_breakpoints = config->software_breakpoints;
    made.stepped = false;
    result = for_each(vcpu, &wanted, store);
    if (result == HV_SUCCESS)
        result = set_traps(vcpu->id, true);
    if (result == HV_SUCCESS && !made.single_step)
        result = clear_step(vcpu->id);
    if (result != HV_SUCCESS) {
        vcpu->debug = made;
        (void)give_back(vcpu);
        vcpu->debug = (abx_debug_state){ .on = false };
        return abx_hv_check(result, operation, vcpu->number);
    }
    vcpu->debug = made;
    return ABX_OK;
}

abx_status abx_hvf_vcpu_set_debug(void *object, const abx_debug_config *config)
{
    bool nothing = !config || (!config->single_step && !config->software_breakpoints && !config->breakpoint_count);
    return nothing ? end(object) : begin(object, config);
}

/* DDI 0487, D2.12: with PSTATE.SS one instruction is executed, without it the step is over at once. */
abx_status abx_debug_arm_step(abx_debug_state *debug, hv_vcpu_t id)
{
    uint64_t pstate;
    hv_return_t result = hv_vcpu_get_reg(id, HV_REG_CPSR, &pstate);
    if (result == HV_SUCCESS)
        result = hv_vcpu_set_reg(id, HV_REG_CPSR,
                                 debug->stepped ? pstate & ~ABX_DEBUG_PSTATE_SS : pstate | ABX_DEBUG_PSTATE_SS);
    if (result == HV_SUCCESS)
        debug->stepped = false;
    return abx_hv_check(result, "step through the guest");
}
