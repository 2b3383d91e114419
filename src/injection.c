/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Interrupts by hand into one vCPU: the last part of <arcbox/vcpu.h>. */
#include "vcpu_internal.h"

abx_status abx_vcpu_inject_vector(abx_vcpu *vcpu, uint32_t vector)
{
    abx_status status = abx_vcpu_check(vcpu, vector <= 255, ABX_CAP_VECTOR_INJECTION,
                                       offsetof(abx_backend, vcpu_inject_vector), "inject an interrupt vector");
    return status != ABX_OK ? status : vcpu->backend->vcpu_inject_vector(vcpu->object, vector);
}

bool abx_vcpu_interrupt_ready(const abx_vcpu *vcpu)
{
    if (!vcpu || !vcpu->backend->vcpu_interrupt_ready || !abx_vcpu_is_mine(vcpu))
        return false;
    return vcpu->backend->vcpu_interrupt_ready(vcpu->object);
}

abx_status abx_vcpu_request_irq_window(abx_vcpu *vcpu, bool on)
{
    abx_status status = abx_vcpu_check(vcpu, true, ABX_CAP_VECTOR_INJECTION,
                                       offsetof(abx_backend, vcpu_request_irq_window), "ask for the interrupt window");
    return status != ABX_OK ? status : vcpu->backend->vcpu_request_irq_window(vcpu->object, on);
}

abx_status abx_vcpu_inject_nmi(abx_vcpu *vcpu)
{
    abx_status status = abx_vcpu_check(vcpu, true, ABX_CAP_NMI, offsetof(abx_backend, vcpu_inject_nmi),
                                       "inject a non-maskable interrupt");
    return status != ABX_OK ? status : vcpu->backend->vcpu_inject_nmi(vcpu->object);
}
