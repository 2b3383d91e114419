/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* All of a vCPU's state in KVM's own structures: fetched from one vCPU, stored into another. */
#ifndef ABX_SRC_LINUX_X86_64_VCPU_IMAGE_H
#define ABX_SRC_LINUX_X86_64_VCPU_IMAGE_H

#include "cpuid_shape.h"
#include "linux/kvm_registers.h"
#include "linux/state_block.h"

typedef struct abx_vcpu_image {
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
} abx_vcpu_image;

/* vcpu_image.c: room for an image of `vcpu`, for free(). Errors: ABX_ERR_NO_MEMORY. */
abx_status abx_vcpu_image_new(abx_vcpu_image **out, const abx_kvm_vcpu *vcpu);

/* vcpu_image_fetch.c, vcpu_image_store.c. Registers are settled by now. Errors: as abx_kvm_check(). */
abx_status abx_vcpu_image_fetch(abx_vcpu_image *image, const abx_kvm_vcpu *vcpu);
abx_status abx_vcpu_image_store(const abx_vcpu_image *image, const abx_kvm_vcpu *vcpu);

/* vcpu_image_block.c: as a block of bytes. Returns the bytes needed; they are there if they are at most `capacity`. */
size_t abx_vcpu_image_write(const abx_vcpu_image *image, void *buffer, size_t capacity);

/*
 * vcpu_image_block.c: back from a block of bytes, which may come from anywhere, into an image for a vCPU of this host
 * that has CPUID `present`. Errors, the image then holding anything: ABX_ERR_FORMAT.
 */
abx_status abx_vcpu_image_read(abx_vcpu_image *image, const abx_kvm_hypervisor *hypervisor,
                               const struct kvm_cpuid2 *present, const void *block, size_t size);

#endif
