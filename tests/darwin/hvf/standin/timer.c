/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "timer.h"

#include "turn.h"

uint64_t timer_count(const model_vcpu *vcpu)
{
    return mach_absolute_time() - vcpu->timer_offset;
}

static bool met(const model_vcpu *vcpu)
{
    return (vcpu->timer_control & TIMER_ENABLE) && timer_count(vcpu) >= vcpu->timer_compare;
}

bool timer_fires(const model_vcpu *vcpu)
{
    return !(vcpu->timer_control & TIMER_MASK) && met(vcpu);
}

bool timer_read(const model_vcpu *vcpu, hv_sys_reg_t reg, uint64_t *value)
{
    switch (reg) {
    case SYSREG_CNTVCT_EL0:
        *value = timer_count(vcpu);
        return true;
    case SYSREG_CNTFRQ_EL0:
        *value = MODEL_FREQUENCY;
        return true;
    case SYSREG_CNTV_TVAL_EL0:
        *value = (uint32_t)(vcpu->timer_compare - timer_count(vcpu));
        return true;
    case SYSREG_CNTV_CTL_EL0:
        *value = vcpu->timer_control | (met(vcpu) ? TIMER_STATUS : 0);
        return true;
    case SYSREG_CNTV_CVAL_EL0:
        *value = vcpu->timer_compare;
        return true;
    default:
        return false;
    }
}

bool timer_write(model_vcpu *vcpu, hv_sys_reg_t reg, uint64_t value)
{
    switch (reg) {
    case SYSREG_CNTV_TVAL_EL0:
        vcpu->timer_compare = timer_count(vcpu) + (uint64_t)(int64_t)(int32_t)value;
        return true;
    case SYSREG_CNTV_CTL_EL0:
        vcpu->timer_control = value & (TIMER_ENABLE | TIMER_MASK);
        return true;
    case SYSREG_CNTV_CVAL_EL0:
        vcpu->timer_compare = value;
        return true;
    default:
        return false;
    }
}

hv_return_t hv_vcpu_get_vtimer_mask(hv_vcpu_t id, bool *masked)
{
    model_vcpu *vcpu = model_enter(__func__, id);
    *masked = vcpu->timer_masked;
    turn_give();
    return HV_SUCCESS;
}

hv_return_t hv_vcpu_set_vtimer_mask(hv_vcpu_t id, bool masked)
{
    model_vcpu *vcpu = model_enter(__func__, id);
    hv_return_t status = HV_SUCCESS;
    if (!model_fails(__func__, &status))
        vcpu->timer_masked = masked;
    turn_give();
    return status;
}

hv_return_t hv_vcpu_get_vtimer_offset(hv_vcpu_t id, uint64_t *offset)
{
    model_vcpu *vcpu = model_enter(__func__, id);
    hv_return_t status = HV_SUCCESS;
    if (!model_fails(__func__, &status))
        *offset = vcpu->timer_offset;
    turn_give();
    return status;
}

hv_return_t hv_vcpu_set_vtimer_offset(hv_vcpu_t id, uint64_t offset)
{
    model_vcpu *vcpu = model_enter(__func__, id);
    hv_return_t status = HV_SUCCESS;
    if (!model_fails(__func__, &status))
        vcpu->timer_offset = offset;
    turn_give();
    return status;
}
