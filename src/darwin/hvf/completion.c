/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is left of an instruction that came out as an exit: its result, and PC behind it. */
#include "hvf_backend.h"

enum { XZR = 31, INSTRUCTION = 4 };

abx_status abx_hvf_advance(abx_hvf_vcpu *vcpu)
{
    uint64_t pc;
    hv_return_t result = hv_vcpu_get_reg(vcpu->id, HV_REG_PC, &pc);
    if (result == HV_SUCCESS)
        result = hv_vcpu_set_reg(vcpu->id, HV_REG_PC, pc + INSTRUCTION);
    if (result == HV_SUCCESS)
        vcpu->debug.stepped = true;
    return abx_hv_check(result, "go on behind an instruction of vCPU %u", vcpu->number);
}

static abx_status put(abx_hvf_vcpu *vcpu, uint32_t reg, uint64_t value)
{
    if (reg == XZR)
        return ABX_OK;
    return abx_hv_check(hv_vcpu_set_reg(vcpu->id, reg, value), "give vCPU %u what it asked for", vcpu->number);
}

abx_status abx_hvf_vcpu_complete_io(void *object)
{
    abx_hvf_vcpu *vcpu = object;
    abx_status status = ABX_OK;
    switch (vcpu->pending) {
    case ABX_HVF_LOAD:
        status = put(vcpu, vcpu->access.reg, abx_access_extend(&vcpu->access, vcpu->value));
        break;
    case ABX_HVF_RESULT:
        status = put(vcpu, HV_REG_X0, vcpu->value);
        break;
    case ABX_HVF_STORE:
    case ABX_HVF_NOTHING:
        break;
    }
    if (status == ABX_OK && (vcpu->pending == ABX_HVF_LOAD || vcpu->pending == ABX_HVF_STORE))
        status = abx_hvf_advance(vcpu);
    if (status == ABX_OK)
        vcpu->pending = ABX_HVF_NOTHING;
    return status;
}
