/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/kvm_backend.h"

static void decode_hypercall(struct kvm_run *run, abx_exit *exit)
{
    exit->kind = ABX_EXIT_HYPERCALL;
    exit->hypercall.number = run->hypercall.nr;
    for (size_t i = 0; i < sizeof(run->hypercall.args) / sizeof(run->hypercall.args[0]); i++)
        exit->hypercall.arguments[i] = run->hypercall.args[i];
    exit->hypercall.result = (void *)&run->hypercall.ret;
    exit->hypercall.flags = run->hypercall.longmode; /* low half of what newer headers call flags */
}

static void decode_msr(struct kvm_run *run, abx_exit *exit)
{
    exit->msr.index = run->msr.index;
    exit->msr.reason = run->msr.reason;
    exit->msr.data = (void *)&run->msr.data;
    exit->msr.error = &run->msr.error;
}

static void decode_debug(const struct kvm_run *run, abx_exit *exit)
{
    exit->debug = (abx_exit_debug){
        .pc = run->debug.arch.pc,
        .dr6 = run->debug.arch.dr6,
        .dr7 = run->debug.arch.dr7,
        .exception = run->debug.arch.exception,
    };
}

abx_status abx_kvm_arch_decode(abx_kvm_vcpu *vcpu, abx_exit *exit)
{
    struct kvm_run *run = vcpu->run;
    switch (run->exit_reason) {
    case KVM_EXIT_HYPERCALL:
        decode_hypercall(run, exit);
        break;
    case KVM_EXIT_DEBUG:
        exit->kind = ABX_EXIT_DEBUG;
        decode_debug(run, exit);
        break;
    case KVM_EXIT_X86_RDMSR:
        exit->kind = ABX_EXIT_MSR_READ;
        decode_msr(run, exit);
        break;
    case KVM_EXIT_X86_WRMSR:
        exit->kind = ABX_EXIT_MSR_WRITE;
        decode_msr(run, exit);
        break;
    case KVM_EXIT_IOAPIC_EOI:
        exit->kind = ABX_EXIT_IOAPIC_EOI;
        exit->eoi_vector = run->eoi.vector;
        break;
    case KVM_EXIT_TPR_ACCESS:
        exit->kind = ABX_EXIT_TPR_ACCESS;
        exit->tpr.pc = run->tpr_access.rip;
        exit->tpr.is_write = run->tpr_access.is_write != 0;
        break;
    case KVM_EXIT_SET_TPR:
        exit->kind = ABX_EXIT_SET_TPR;
        break;
    case KVM_EXIT_X86_BUS_LOCK:
        exit->kind = ABX_EXIT_BUS_LOCK;
        break;
    default:
        exit->kind = ABX_EXIT_UNKNOWN;
    }
    return ABX_OK;
}
