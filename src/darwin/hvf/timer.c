/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The virtual timer and the interrupt inputs, for a VMM that has the interrupt controller. */
#include "hvf_backend.h"

/* CNTV_CTL_EL0. */
#define TIMER_ENABLE UINT64_C(1)
#define TIMER_IMASK  UINT64_C(2)

static abx_status require_no_gic(const abx_hvf_vcpu *vcpu, const char *operation)
{
    if (!vcpu->vm->gic)
        return ABX_OK;
    return abx_fail(ABX_ERR_STATE, 0, "The VM has interrupt controllers in the kernel: config.irqchip.", "%s",
                    operation);
}

abx_status abx_hvf_set_irq(void *object, bool irq, bool fiq)
{
    abx_hvf_vcpu *vcpu = object;
    abx_status status = require_no_gic(vcpu, "set a vCPU's interrupt inputs");
    if (status != ABX_OK)
        return status;
    vcpu->irq = irq;
    vcpu->fiq = fiq;
    return ABX_OK;
}

abx_status abx_hvf_get_timer(void *object, abx_arm64_timer *timer)
{
    abx_hvf_vcpu *vcpu = object;
    uint64_t control, compare;
    hv_return_t result = hv_vcpu_get_sys_reg(vcpu->id, ABX_REG_NUMBER(ABX_ARM64_CNTV_CTL_EL0), &control);
    if (result == HV_SUCCESS)
        result = hv_vcpu_get_sys_reg(vcpu->id, ABX_REG_NUMBER(ABX_ARM64_CNTV_CVAL_EL0), &compare);
    if (result != HV_SUCCESS)
        return abx_hv_check(result, "read the virtual timer of vCPU %u", vcpu->number);
    *timer = (abx_arm64_timer){
        .enabled = control & TIMER_ENABLE,
        .masked_by_guest = control & TIMER_IMASK,
        .compare = compare,
        .count = abx_hvf_clock_count(&vcpu->vm->clock),
        .frequency = vcpu->vm->hypervisor->frequency,
    };
    return ABX_OK;
}

abx_status abx_hvf_unmask_timer(void *object)
{
    static const char operation[] = "unmask a vCPU's virtual timer";
    const abx_hvf_vcpu *vcpu = object;
    abx_status status = require_no_gic(vcpu, operation);
    return status == ABX_OK ? abx_hv_check(hv_vcpu_set_vtimer_mask(vcpu->id, false), operation) : status;
}
