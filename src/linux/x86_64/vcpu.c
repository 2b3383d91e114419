/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/kvm_backend.h"

int abx_kvm_arch_vcpu_open(abx_kvm_vm *vm, uint32_t id)
{
    return abx_kvm_ioctl_value(vm->fd, KVM_CREATE_VCPU, id);
}

int abx_kvm_arch_prepare_entry(abx_kvm_vcpu *vcpu)
{
    (void)vcpu;
    return 0;
}

abx_status abx_kvm_arch_vcpu_create(abx_kvm_vcpu *vcpu)
{
    uint32_t khz = vcpu->vm->config->tsc_khz;
    /* First the frequency: CPUID tells it to the guest. */
    if (khz && khz != vcpu->vm->hypervisor->caps.tsc_khz) {
        abx_status status =
            abx_kvm_check(abx_kvm_ioctl_value(vcpu->fd, KVM_SET_TSC_KHZ, khz), "set the TSC frequency to %u kHz", khz);
        if (status != ABX_OK)
            return status;
    }
    return abx_kvm_cpuid_apply(vcpu);
}
