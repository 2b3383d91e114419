/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "sysreg.h"

#include <string.h>

/* Who is debugged from outside has the guest's own debug registers put aside. */
static uint64_t *aside(abx_hvf_vcpu *vcpu, uint32_t number)
{
    return vcpu->debug.on ? abx_debug_register(&vcpu->debug.guest, number) : NULL;
}

static bool is_of_gic(const abx_hvf_vcpu *vcpu, uint32_t number)
{
    return vcpu->vm->gic && abx_sysreg_is_gic(number);
}

hv_return_t abx_hvf_sysreg_get(abx_hvf_vcpu *vcpu, uint32_t number, uint64_t *value)
{
    const uint64_t *kept = aside(vcpu, number);
    if (kept) {
        *value = *kept;
        return HV_SUCCESS;
    }
    if (number == ABX_REG_NUMBER(ABX_ARM64_CNTVCT_EL0)) {
        *value = abx_hvf_clock_count(&vcpu->vm->clock);
        return HV_SUCCESS;
    }
    if (is_of_gic(vcpu, number)) {
        if (ABX_MACOS_AT_LEAST(15, 0))
            return hv_gic_get_icc_reg(vcpu->id, (hv_gic_icc_reg_t)number, value);
        return HV_UNSUPPORTED;
    }
    return hv_vcpu_get_sys_reg(vcpu->id, (hv_sys_reg_t)number, value);
}

hv_return_t abx_hvf_sysreg_set(abx_hvf_vcpu *vcpu, uint32_t number, uint64_t value)
{
    uint64_t *kept = aside(vcpu, number);
    if (kept) {
        *kept = value;
        return HV_SUCCESS;
    }
    if (number == ABX_REG_NUMBER(ABX_ARM64_CNTVCT_EL0)) {
        abx_hvf_clock_set(&vcpu->vm->clock, value);
        abx_hvf_vcpus_turn(vcpu->vm, vcpu);
        return HV_SUCCESS;
    }
    if (is_of_gic(vcpu, number)) {
        if (ABX_MACOS_AT_LEAST(15, 0))
            return hv_gic_set_icc_reg(vcpu->id, (hv_gic_icc_reg_t)number, value);
        return HV_UNSUPPORTED;
    }
    return hv_vcpu_set_sys_reg(vcpu->id, (hv_sys_reg_t)number, value);
}

/* Older systems, and older processors, know fewer. */
static bool is_unknown(hv_return_t result)
{
    return result == HV_BAD_ARGUMENT || result == HV_UNSUPPORTED || result == HV_NO_DEVICE;
}

abx_status abx_hvf_sysreg_find(abx_hvf_vcpu *vcpu)
{
    const abx_hvf_vm *vm = vcpu->vm;
    const abx_sysreg_features features = {
        .breakpoints = vm->hypervisor->breakpoints,
        .watchpoints = vm->hypervisor->watchpoints,
        .gic = vm->gic,
        .el2 = vm->config->nested == ABX_YES,
    };
    abx_sysreg_set all;
    abx_sysreg_set_fill(&all, &features);
    vcpu->sysregs.count = 0;
    for (size_t i = 0; i < all.count; i++) {
        uint64_t value;
        hv_return_t result = abx_hvf_sysreg_get(vcpu, all.numbers[i], &value);
        if (result == HV_SUCCESS)
            vcpu->sysregs.numbers[vcpu->sysregs.count++] = all.numbers[i];
        else if (!is_unknown(result))
            return abx_hv_check(result, "list the system registers of vCPU %u", vcpu->number);
    }
    return ABX_OK;
}

abx_status abx_hvf_sysreg_list(void *object, abx_reg *names, size_t capacity, size_t *count)
{
    const abx_sysreg_set *set = &((const abx_hvf_vcpu *)object)->sysregs;
    for (size_t i = 0; i < set->count && i < capacity; i++)
        names[i] = ABX_ARM64_REG(ABX_ARM64_CLASS_SYSREG, set->numbers[i]);
    *count = set->count;
    return ABX_OK;
}
