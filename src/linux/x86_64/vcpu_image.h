/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A vCPU's state (linux/state.h) is what a dozen calls of KVM's get and set. */
#ifndef ABX_SRC_LINUX_X86_64_VCPU_IMAGE_H
#define ABX_SRC_LINUX_X86_64_VCPU_IMAGE_H

#include "cpuid_shape.h"
#include "linux/state.h"
#include "state_block.h"

struct abx_vcpu_image {
    uint32_t tsc_khz; /* 0: not known */
    struct kvm_mp_state mp_state;
    struct kvm_vcpu_events events;
    struct kvm_regs general;
    bool has_sregs2;
    union {
        struct kvm_sregs sregs;
        struct kvm_sregs2 sregs2;
    };
    struct kvm_debugregs debug;
    struct kvm_xcrs xcrs;
    bool has_lapic;
    struct kvm_lapic_state lapic;
    struct kvm_msr_entry *msrs;
    size_t msr_count;
    size_t msr_capacity; /* all MSRs that the host lists */
    uint8_t *xsave;
    size_t xsave_size;
    struct kvm_nested_state *nested; /* NULL: the guest has no hardware virtualization */
    size_t nested_size;              /* in use */
    size_t nested_capacity;
    abx_cpuid_table cpuid; /* ends in an array: last */
};

/*
 * vcpu_image_block.c: as abx_vcpu_image_read(), for a vCPU of this host that has CPUID `present`. Errors, the image
 * then holding anything: ABX_ERR_FORMAT.
 */
abx_status abx_vcpu_image_parse(abx_vcpu_image *image, const abx_kvm_hypervisor *hypervisor,
                                const struct kvm_cpuid2 *present, const void *block, size_t size);

#endif
