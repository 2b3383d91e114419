/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/kvm_registers.h"
#include "table.h"

#include <errno.h>
#include <string.h>

static abx_status check_in_kernel(const abx_kvm_vcpu *vcpu)
{
    if (vcpu->vm->config->irqchip != ABX_IRQCHIP_NONE)
        return ABX_OK;
    return abx_fail(ABX_ERR_STATE, 0, "create the VM with an interrupt controller in the kernel",
                    "access the local APIC of vCPU %u", vcpu->id);
}

abx_status abx_kvm_get_lapic(void *object, abx_x86_lapic *lapic)
{
    const abx_kvm_vcpu *vcpu = object;
    struct kvm_lapic_state state;
    abx_status status = check_in_kernel(vcpu);
    if (status == ABX_OK)
        status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_GET_LAPIC, &state), "get the local APIC's state");
    if (status == ABX_OK)
        memcpy(lapic->page, state.regs, sizeof(lapic->page));
    return status;
}

abx_status abx_kvm_set_lapic(void *object, const abx_x86_lapic *lapic)
{
    abx_kvm_vcpu *vcpu = object;
    struct kvm_lapic_state state;
    memcpy(state.regs, lapic->page, sizeof(state.regs));
    abx_status status = check_in_kernel(vcpu);
    if (status == ABX_OK)
        status = abx_kvm_settle_registers(vcpu); /* CR8 is the APIC's task priority */
    if (status == ABX_OK)
        status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_SET_LAPIC, &state), "set the local APIC's state");
    return status;
}
