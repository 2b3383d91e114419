/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/kvm_registers.h"

#include <errno.h>

bool abx_kvm_vcpu_interrupt_ready(const void *object)
{
    const abx_kvm_vcpu *vcpu = object;
    return vcpu->run->ready_for_interrupt_injection;
}

abx_status abx_kvm_vcpu_inject_vector(void *object, uint32_t vector)
{
    abx_kvm_vcpu *vcpu = object;
    const struct kvm_interrupt interrupt = { .irq = vector };
    int result = abx_kvm_ioctl(vcpu->fd, KVM_INTERRUPT, &interrupt);
    if (result == -ENXIO)
        return abx_fail(ABX_ERR_NOT_SUPPORTED, ENXIO, "the VM's interrupt controller is in the kernel: use its lines",
                        "inject vector %u", vector);
    if (result == -EEXIST)
        return abx_fail(ABX_ERR_BUSY, EEXIST, "wait for ABX_EXIT_IRQ_WINDOW", "inject vector %u", vector);
    if (result < 0)
        return abx_kvm_check(result, "inject vector %u", vector);
    /* There is room for one; the next exit tells anew. */
    vcpu->run->ready_for_interrupt_injection = 0;
    return ABX_OK;
}

abx_status abx_kvm_vcpu_request_irq_window(void *object, bool on)
{
    abx_kvm_vcpu *vcpu = object;
    vcpu->run->request_interrupt_window = on;
    return ABX_OK;
}

abx_status abx_kvm_vcpu_inject_nmi(void *object)
{
    const abx_kvm_vcpu *vcpu = object;
    return abx_kvm_check(abx_kvm_ioctl_value(vcpu->fd, KVM_NMI, 0), "inject an NMI");
}
