/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Exits as the library tells them. The kernel's side: struct kvm_run, Documentation/virt/kvm/api.rst, 5. */
#ifndef ABX_SRC_LINUX_EXIT_H
#define ABX_SRC_LINUX_EXIT_H

#include "kvm_backend.h"

#include <stddef.h>
#include <string.h>

/* Newer than some distributions' <linux/kvm.h>. */
#ifndef KVM_EXIT_MEMORY_FAULT
#define KVM_EXIT_MEMORY_FAULT 39
#endif

/* All but port I/O and MMIO. Errors, `*exit` then holding anything: as abx_kvm_check(). */
abx_status abx_kvm_decode_rare(abx_kvm_vcpu *vcpu, abx_exit *exit);

/* The kernel's answer makes no sense. */
abx_status abx_kvm_decode_failed(const struct kvm_run *run) __attribute__((cold));

/* The kernel's order is ours up to the data: one word to copy. */
#define ABX_KVM_IO_AT(member) (offsetof(struct kvm_run, io.member) - offsetof(struct kvm_run, io))
_Static_assert(ABX_KVM_IO_AT(direction) == offsetof(abx_exit_io, direction), "one layout");
_Static_assert(ABX_KVM_IO_AT(size) == offsetof(abx_exit_io, size), "one layout");
_Static_assert(ABX_KVM_IO_AT(port) == offsetof(abx_exit_io, port), "one layout");
_Static_assert(ABX_KVM_IO_AT(count) == offsetof(abx_exit_io, count), "one layout");
#undef ABX_KVM_IO_AT

static inline abx_status abx_kvm_decode_io(struct kvm_run *run, size_t size, abx_exit *exit)
{
    uint64_t offset = run->io.data_offset;
    uint64_t length = (uint64_t)run->io.size * run->io.count;
    if (offset > size || length - 1 >= size - offset) /* a length of 0 is large then */
        return abx_kvm_decode_failed(run);
    exit->kind = ABX_EXIT_IO;
    exit->reason = KVM_EXIT_IO;
    memcpy(&exit->io, &run->io, offsetof(abx_exit_io, data));
    exit->io.data = (uint8_t *)run + offset;
    return ABX_OK;
}

static inline abx_status abx_kvm_decode_mmio(struct kvm_run *run, abx_exit *exit)
{
    if (run->mmio.len - 1 >= sizeof(run->mmio.data))
        return abx_kvm_decode_failed(run);
    exit->kind = ABX_EXIT_MMIO;
    exit->reason = KVM_EXIT_MMIO;
    exit->mmio.address = run->mmio.phys_addr;
    exit->mmio.size = (uint8_t)run->mmio.len;
    exit->mmio.direction = run->mmio.is_write; /* 0 or 1 */
    exit->mmio.data = run->mmio.data;
    return ABX_OK;
}

/*
 * Says in `*exit` why KVM_RUN left the guest. What a VMM meets all the time is decoded in line. Errors: ABX_ERR_SYSTEM
 * (abx_kvm_decode_failed()), as abx_kvm_check().
 */
static inline abx_status abx_kvm_decode(abx_kvm_vcpu *vcpu, abx_exit *exit)
{
    if (vcpu->run->exit_reason == KVM_EXIT_IO)
        return abx_kvm_decode_io(vcpu->run, vcpu->run_size, exit);
    if (vcpu->run->exit_reason == KVM_EXIT_MMIO)
        return abx_kvm_decode_mmio(vcpu->run, exit);
    return abx_kvm_decode_rare(vcpu, exit);
}

#endif
