/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kvm_registers.h"

#include <errno.h>

static const struct {
    uint32_t kvm;
    abx_mp_state state;
} states[] = {
    { KVM_MP_STATE_RUNNABLE, ABX_MP_RUNNABLE },           { KVM_MP_STATE_UNINITIALIZED, ABX_MP_UNINITIALIZED },
    { KVM_MP_STATE_INIT_RECEIVED, ABX_MP_INIT_RECEIVED }, { KVM_MP_STATE_HALTED, ABX_MP_HALTED },
    { KVM_MP_STATE_SIPI_RECEIVED, ABX_MP_SIPI_RECEIVED }, { KVM_MP_STATE_STOPPED, ABX_MP_STOPPED },
    { KVM_MP_STATE_SUSPENDED, ABX_MP_SUSPENDED },
};
enum { STATE_COUNT = sizeof(states) / sizeof(states[0]) };

/* On x86 this is where KVM takes an INIT or start-up request that has come: registers change by it. */
abx_status abx_kvm_vcpu_get_mp_state(void *object, abx_mp_state *state)
{
    abx_kvm_vcpu *vcpu = object;
    struct kvm_mp_state present = { 0 };
    abx_status status = abx_kvm_settle_registers(vcpu);
    if (status == ABX_OK)
        status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_GET_MP_STATE, &present), "get the MP state");
    if (status != ABX_OK)
        return status;
    for (size_t i = 0; i < STATE_COUNT; i++) {
        if (states[i].kvm == present.mp_state) {
            *state = states[i].state;
            return ABX_OK;
        }
    }
    return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, NULL, "get the MP state: KVM's number %u", present.mp_state);
}

abx_status abx_kvm_vcpu_set_mp_state(void *object, abx_mp_state state)
{
    abx_kvm_vcpu *vcpu = object;
    for (size_t i = 0; i < STATE_COUNT; i++) {
        if (states[i].state != state)
            continue;
        abx_status status = abx_kvm_settle_registers(vcpu);
        if (status != ABX_OK)
            return status;
        const struct kvm_mp_state wanted = { .mp_state = states[i].kvm };
        int result = abx_kvm_ioctl(vcpu->fd, KVM_SET_MP_STATE, &wanted);
        if (result == -EINVAL)
            return abx_fail(ABX_ERR_NOT_SUPPORTED, EINVAL,
                            "a vCPU of this architecture, or without a local APIC in the kernel, has no such state",
                            "set MP state %d", (int)state);
        return abx_kvm_check(result, "set the MP state");
    }
    return abx_fail(ABX_ERR_INVALID, 0, NULL, "set MP state %d", (int)state);
}
