/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/exit.h"
#include "register_access.h"

/* SMCCC's answer for what there is not (DEN0028, 7.1). */
#define NOT_SUPPORTED UINT64_MAX

/*
 * The arguments are in the vCPU's registers, and the result goes there (Documentation/virt/kvm/api.rst, 5,
 * KVM_EXIT_HYPERCALL). PC is behind the instruction already.
 */
static abx_status decode_hypercall(abx_kvm_vcpu *vcpu, abx_exit *exit)
{
    struct kvm_run *run = vcpu->run;
    for (uint32_t i = 0; i < sizeof(exit->hypercall.arguments) / sizeof(exit->hypercall.arguments[0]); i++) {
        int result = abx_register_get(vcpu->fd, ABX_KVM_X(i + 1), &exit->hypercall.arguments[i]);
        if (result < 0)
            return abx_kvm_check(result, "get the arguments of a hypercall");
    }
    exit->kind = ABX_EXIT_HYPERCALL;
    exit->hypercall.number = run->hypercall.nr;
    exit->hypercall.flags = run->hypercall.longmode; /* low half of what newer headers call flags */
    run->hypercall.ret = NOT_SUPPORTED;
    exit->hypercall.result = (void *)&run->hypercall.ret;
    vcpu->arch.result_waits = vcpu->careful = true;
    return ABX_OK;
}

int abx_kvm_arch_prepare_entry(abx_kvm_vcpu *vcpu)
{
    if (!vcpu->arch.result_waits)
        return 0;
    uint64_t value = vcpu->run->hypercall.ret;
    int result = abx_register_set(vcpu->fd, ABX_KVM_X(0), &value);
    vcpu->arch.result_waits = result < 0;
    return result;
}

static abx_status decode_debug(abx_kvm_vcpu *vcpu, abx_exit *exit)
{
    const struct kvm_debug_exit_arch *debug = &vcpu->run->debug.arch;
    uint64_t pc;
    int result = abx_register_get(vcpu->fd, ABX_KVM_PC, &pc);
    if (result < 0)
        return abx_kvm_check(result, "get the PC of a debug exit");
    exit->kind = ABX_EXIT_DEBUG;
    exit->debug = (abx_exit_debug){ .pc = pc, .syndrome = debug->hsr, .address = debug->far };
    return ABX_OK;
}

abx_status abx_kvm_arch_decode(abx_kvm_vcpu *vcpu, abx_exit *exit)
{
    const struct kvm_run *run = vcpu->run;
    switch (run->exit_reason) {
    case KVM_EXIT_HYPERCALL:
        return decode_hypercall(vcpu, exit);
    case KVM_EXIT_DEBUG:
        return decode_debug(vcpu, exit);
    case KVM_EXIT_ARM_NISV:
        exit->kind = ABX_EXIT_DATA_ABORT;
        exit->data_abort.syndrome = run->arm_nisv.esr_iss;
        exit->data_abort.address = run->arm_nisv.fault_ipa;
        return ABX_OK;
    default:
        exit->kind = ABX_EXIT_UNKNOWN;
        return ABX_OK;
    }
}
