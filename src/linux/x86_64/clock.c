/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpuid.h"
#include "table.h"

#include <errno.h>

abx_status abx_kvm_get_tsc_khz(void *object, uint32_t *khz)
{
    const abx_kvm_vcpu *vcpu = object;
    int result = abx_kvm_ioctl_value(vcpu->fd, KVM_GET_TSC_KHZ, 0);
    if (result == -EIO)
        return abx_fail(ABX_ERR_NOT_SUPPORTED, EIO, "the host's TSC is not stable", "get the TSC frequency");
    abx_status status = abx_kvm_check(result, "get the TSC frequency");
    if (status == ABX_OK)
        *khz = (uint32_t)result;
    return status;
}

abx_status abx_kvm_set_tsc_khz(void *object, uint32_t khz)
{
    const abx_kvm_vcpu *vcpu = object;
    int result = abx_kvm_ioctl_value(vcpu->fd, KVM_SET_TSC_KHZ, khz);
    if (result == -EINVAL)
        return abx_fail(ABX_ERR_RANGE, EINVAL, "this host cannot scale the TSC as far", "set the TSC to %u kHz", khz);
    abx_status status = abx_kvm_check(result, "set the TSC to %u kHz", khz);
    if (status != ABX_OK)
        return status;
    /* CPUID tells the frequency as well. */
    abx_cpuid_table table;
    status = abx_cpuid_fetch(vcpu, &table);
    if (status != ABX_OK)
        return status;
    abx_cpuid_set_tsc_khz(table.kvm.entries, table.kvm.nent, khz);
    return abx_cpuid_store(vcpu, &table.kvm);
}

abx_status abx_kvm_get_clock(void *object, uint64_t *nanoseconds)
{
    const abx_kvm_vm *vm = object;
    struct kvm_clock_data data = { 0 };
    abx_status status = abx_kvm_check(abx_kvm_ioctl(vm->fd, KVM_GET_CLOCK, &data), "get the guest's clock");
    if (status == ABX_OK)
        *nanoseconds = data.clock;
    return status;
}

abx_status abx_kvm_set_clock(void *object, uint64_t nanoseconds)
{
    const abx_kvm_vm *vm = object;
    const struct kvm_clock_data data = { .clock = nanoseconds };
    return abx_kvm_check(abx_kvm_ioctl(vm->fd, KVM_SET_CLOCK, &data), "set the guest's clock");
}
