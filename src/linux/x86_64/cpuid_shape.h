/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What one vCPU's CPUID instruction says, made from what the host supports. Pure: no system calls. */
#ifndef ABX_SRC_LINUX_X86_64_CPUID_SHAPE_H
#define ABX_SRC_LINUX_X86_64_CPUID_SHAPE_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* KVM takes no more entries than this (KVM_MAX_CPUID_ENTRIES, a constant of the kernel's own). */
enum { ABX_CPUID_MAX_ENTRIES = 256 };

/* A kvm_cpuid2 with room for all entries there can be. */
typedef union abx_cpuid_table {
    struct kvm_cpuid2 kvm;
    unsigned char room[sizeof(struct kvm_cpuid2) + ABX_CPUID_MAX_ENTRIES * sizeof(struct kvm_cpuid_entry2)];
} abx_cpuid_table;

/* What a vCPU differs in from the host. */
typedef struct abx_cpuid_shape {
    uint32_t apic_id;
    uint32_t cpus;     /* of the VM: one package, that many cores of one thread each; at least 1 */
    uint32_t tsc_khz;  /* 0: not known, not told */
    bool nested;       /* with hardware virtualization of its own */
    bool local_apic;   /* the kernel emulates the local APIC */
    bool tsc_deadline; /* … and its TSC-deadline timer */
} abx_cpuid_shape;

/*
 * Changes `count` entries in place, which have room for `capacity`, into those of the vCPU that `shape` describes.
 * Returns how many there are then; leaves that do not fit are left out.
 */
size_t abx_cpuid_apply_shape(struct kvm_cpuid_entry2 *entries, size_t count, size_t capacity,
                             const abx_cpuid_shape *shape);

/* Tells the guest its TSC frequency in an entry of the hypervisor's timing leaf, if there is one. */
void abx_cpuid_set_tsc_khz(struct kvm_cpuid_entry2 *entries, size_t count, uint32_t khz);

/* The entry of that leaf and, where subleaves matter, that subleaf; NULL if there is none. */
struct kvm_cpuid_entry2 *abx_cpuid_find(struct kvm_cpuid_entry2 *entries, size_t count, uint32_t leaf,
                                        uint32_t subleaf);

/* Whether a guest on this host can be given hardware virtualization (VMX or SVM). */
bool abx_cpuid_has_virtualization(const struct kvm_cpuid_entry2 *entries, size_t count);

#endif
