/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "exception.h"
#include "hvf_backend.h"

static hv_return_t get_context(hv_vcpu_t id, abx_exception_context *context)
{
    hv_return_t result = hv_vcpu_get_reg(id, HV_REG_PC, &context->pc);
    if (result == HV_SUCCESS)
        result = hv_vcpu_get_reg(id, HV_REG_CPSR, &context->pstate);
    if (result == HV_SUCCESS)
        result = hv_vcpu_get_sys_reg(id, ABX_REG_NUMBER(ABX_ARM64_VBAR_EL1), &context->vbar);
    if (result == HV_SUCCESS)
        result = hv_vcpu_get_sys_reg(id, ABX_REG_NUMBER(ABX_ARM64_SCTLR_EL1), &context->sctlr);
    return result;
}

/* PC last: until then the guest is where it was. */
static hv_return_t set_entry(hv_vcpu_t id, const abx_exception_entry *entry)
{
    hv_return_t result = HV_SUCCESS;
    if (entry->sets_far)
        result = hv_vcpu_set_sys_reg(id, ABX_REG_NUMBER(ABX_ARM64_FAR_EL1), entry->far);
    if (result == HV_SUCCESS)
        result = hv_vcpu_set_sys_reg(id, ABX_REG_NUMBER(ABX_ARM64_ESR_EL1), entry->esr);
    if (result == HV_SUCCESS)
        result = hv_vcpu_set_sys_reg(id, ABX_SYSREG_ELR_EL1, entry->elr);
    if (result == HV_SUCCESS)
        result = hv_vcpu_set_sys_reg(id, ABX_SYSREG_SPSR_EL1, entry->spsr);
    if (result == HV_SUCCESS)
        result = hv_vcpu_set_reg(id, HV_REG_CPSR, entry->pstate);
    if (result == HV_SUCCESS)
        result = hv_vcpu_set_reg(id, HV_REG_PC, entry->pc);
    return result;
}

static abx_status enter(const abx_hvf_vcpu *vcpu, const abx_exception *exception, const abx_exception_context *context)
{
    if (!abx_exception_is_for_el1(context->pstate))
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "The guest is at EL2, where only its own aborts arrive.",
                        "give vCPU %u an exception", vcpu->number);
    const abx_exception_entry entry = abx_exception_enter(exception, context);
    return abx_hv_check(set_entry(vcpu->id, &entry), "give vCPU %u an exception", vcpu->number);
}

abx_status abx_hvf_throw(abx_hvf_vcpu *vcpu, const abx_exception *exception)
{
    abx_exception_context context;
    abx_status status =
        abx_hv_check(get_context(vcpu->id, &context), "see where vCPU %u takes exceptions", vcpu->number);
    return status == ABX_OK ? enter(vcpu, exception, &context) : status;
}

abx_status abx_hvf_try_serror(abx_hvf_vcpu *vcpu)
{
    abx_exception_context context;
    abx_status status =
        abx_hv_check(get_context(vcpu->id, &context), "see where vCPU %u takes exceptions", vcpu->number);
    if (status != ABX_OK || !abx_exception_takes_serror(context.pstate))
        return status;
    const abx_exception error = { .kind = ABX_EXCEPTION_SERROR,
                                  .syndrome = vcpu->serror_has_syndrome ? (uint32_t)vcpu->serror_syndrome : 0 };
    status = enter(vcpu, &error, &context);
    if (status == ABX_OK)
        vcpu->serror = false;
    return status;
}
