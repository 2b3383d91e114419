/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/kvm_registers.h"
#include "table.h"

#include <string.h>

abx_status abx_kvm_get_lapic(void *object, abx_x86_lapic *lapic)
{
    const abx_kvm_vcpu *vcpu = object;
    struct kvm_lapic_state state = { 0 };
    abx_status status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_GET_LAPIC, &state), "get the local APIC's state");
    if (status == ABX_OK)
        memcpy(lapic->page, state.regs, sizeof(lapic->page));
    return status;
}

abx_status abx_kvm_set_lapic(void *object, const abx_x86_lapic *lapic)
{
    abx_kvm_vcpu *vcpu = object;
    struct kvm_lapic_state state;
    memcpy(state.regs, lapic->page, sizeof(state.regs));
    /* CR8 is the APIC's task priority. */
    abx_status status = abx_kvm_settle_registers(vcpu);
    if (status == ABX_OK)
        status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_SET_LAPIC, &state), "set the local APIC's state");
    return status;
}
