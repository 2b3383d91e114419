/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "table.h"

#include <string.h>

abx_status abx_kvm_get_fpu(void *object, abx_x86_fpu *fpu)
{
    const abx_kvm_vcpu *vcpu = object;
    struct kvm_fpu state = { 0 };
    abx_status status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_GET_FPU, &state), "get the FPU's state");
    if (status != ABX_OK)
        return status;
    abx_x86_fpu result = {
        .fcw = state.fcw,
        .fsw = state.fsw,
        .ftw = state.ftwx,
        .last_opcode = state.last_opcode,
        .last_ip = state.last_ip,
        .last_dp = state.last_dp,
        .mxcsr = state.mxcsr,
    };
    memcpy(result.st, state.fpr, sizeof(result.st));
    memcpy(result.xmm, state.xmm, sizeof(result.xmm));
    *fpu = result;
    return ABX_OK;
}

abx_status abx_kvm_set_fpu(void *object, const abx_x86_fpu *fpu)
{
    const abx_kvm_vcpu *vcpu = object;
    struct kvm_fpu state = {
        .fcw = fpu->fcw,
        .fsw = fpu->fsw,
        .ftwx = fpu->ftw,
        .last_opcode = fpu->last_opcode,
        .last_ip = fpu->last_ip,
        .last_dp = fpu->last_dp,
        .mxcsr = fpu->mxcsr,
    };
    memcpy(state.fpr, fpu->st, sizeof(state.fpr));
    memcpy(state.xmm, fpu->xmm, sizeof(state.xmm));
    return abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_SET_FPU, &state), "set the FPU's state");
}
