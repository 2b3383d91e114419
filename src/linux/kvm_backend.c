/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kvm_backend.h"
#include "backends.h"

const abx_backend abx_backend_kvm = {
    .size = sizeof(abx_backend),
    .name = "kvm",
    .description = "the hypervisor of the Linux kernel",
    .open = abx_kvm_open,
    .close = abx_kvm_close,
    .vm_create = abx_kvm_vm_create,
    .vm_seal = abx_kvm_vm_seal,
    .vm_destroy = abx_kvm_vm_destroy,
    .memory_map = abx_kvm_memory_map,
    .memory_unmap = abx_kvm_memory_unmap,
    .memory_set_flags = abx_kvm_memory_set_flags,
    .memory_get_dirty = abx_kvm_memory_get_dirty,
    .memory_clear_dirty = abx_kvm_memory_clear_dirty,
    .irq_set_line = abx_kvm_irq_set_line,
    .irq_send_msi = abx_kvm_irq_send_msi,
    .irq_set_routes = abx_kvm_irq_set_routes,
    .irqfd_attach = abx_kvm_irqfd_attach,
    .irqfd_detach = abx_kvm_irqfd_detach,
    .ioeventfd_attach = abx_kvm_ioeventfd_attach,
    .ioeventfd_detach = abx_kvm_ioeventfd_detach,
    .vcpu_create = abx_kvm_vcpu_create,
    .vcpu_destroy = abx_kvm_vcpu_destroy,
    .vcpu_run = abx_kvm_vcpu_run,
    .vcpu_kick = abx_kvm_vcpu_kick,
    .vcpu_clear_kick = abx_kvm_vcpu_clear_kick,
    .vcpu_complete_io = abx_kvm_vcpu_complete_io,
    .x86_64 = ABX_KVM_ARCH_X86_64,
};
