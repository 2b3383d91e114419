/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpuid_shape.h"
#include "cpuid_topology.h"

#include <asm/kvm_para.h>
#include <string.h>

#define BIT(n) (UINT32_C(1) << (n))

/*
 * Leaves and bits: Intel SDM vol. 2, CPUID; AMD APM vol. 3, appendix E. The hypervisor's leaves: Linux,
 * Documentation/virt/kvm/x86/cpuid.rst. The timing leaf was VMware's first; KVM guests other than Linux look there.
 */
enum {
    LEAF_FEATURES = 1,
    LEAF_KVM_TIMING = 0x40000010,
};
#define LEAF_AMD_FEATURES 0x80000001u
#define LEAF_AMD_SVM      0x8000000au

#define FEATURES_ECX_VMX          BIT(5)
#define FEATURES_ECX_X2APIC       BIT(21)
#define FEATURES_ECX_TSC_DEADLINE BIT(24)
#define FEATURES_ECX_HYPERVISOR   BIT(31)
#define AMD_FEATURES_ECX_SVM      BIT(2)

/* The frequency that KVM's local APIC timer counts with, in kHz: one tick a nanosecond. */
#define APIC_BUS_KHZ 1000000u

/* Paravirtual features that work through the kernel's local APIC. */
#define KVM_APIC_FEATURES                                                                                              \
    (BIT(KVM_FEATURE_PV_EOI) | BIT(KVM_FEATURE_PV_UNHALT) | BIT(KVM_FEATURE_PV_SEND_IPI) |                             \
     BIT(KVM_FEATURE_ASYNC_PF_INT) | BIT(KVM_FEATURE_ASYNC_PF))

static void set_bit(uint32_t *word, uint32_t bit, bool on)
{
    *word = on ? *word | bit : *word & ~bit;
}

static void shape_entry(struct kvm_cpuid_entry2 *entry, const abx_cpuid_shape *shape)
{
    switch (entry->function) {
    case LEAF_FEATURES:
        set_bit(&entry->ecx, FEATURES_ECX_HYPERVISOR, true);
        set_bit(&entry->ecx, FEATURES_ECX_X2APIC, shape->local_apic && (entry->ecx & FEATURES_ECX_X2APIC));
        set_bit(&entry->ecx, FEATURES_ECX_TSC_DEADLINE, shape->local_apic && shape->tsc_deadline);
        if (!shape->nested)
            set_bit(&entry->ecx, FEATURES_ECX_VMX, false);
        break;
    case LEAF_AMD_FEATURES:
        if (!shape->nested)
            set_bit(&entry->ecx, AMD_FEATURES_ECX_SVM, false);
        break;
    case LEAF_AMD_SVM:
        if (!shape->nested)
            entry->eax = entry->ebx = entry->ecx = entry->edx = 0;
        break;
    case KVM_CPUID_SIGNATURE:
        if (shape->tsc_khz && entry->eax < LEAF_KVM_TIMING)
            entry->eax = LEAF_KVM_TIMING;
        break;
    case KVM_CPUID_FEATURES:
        if (!shape->local_apic)
            set_bit(&entry->eax, KVM_APIC_FEATURES, false);
        break;
    default:
        break;
    }
}

struct kvm_cpuid_entry2 *abx_cpuid_find(struct kvm_cpuid_entry2 *entries, size_t count, uint32_t leaf, uint32_t subleaf)
{
    for (size_t i = 0; i < count; i++) {
        bool indexed = entries[i].flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX;
        if (entries[i].function == leaf && (!indexed || entries[i].index == subleaf))
            return &entries[i];
    }
    return NULL;
}

size_t abx_cpuid_apply_shape(struct kvm_cpuid_entry2 *entries, size_t count, size_t capacity,
                             const abx_cpuid_shape *shape)
{
    for (size_t i = 0; i < count; i++)
        shape_entry(&entries[i], shape);
    count = abx_cpuid_apply_topology(entries, count, capacity, shape->apic_id, shape->cpus);

    bool is_kvm = abx_cpuid_find(entries, count, KVM_CPUID_SIGNATURE, 0);
    if (shape->tsc_khz && is_kvm && !abx_cpuid_find(entries, count, LEAF_KVM_TIMING, 0) && count < capacity)
        entries[count++] = (struct kvm_cpuid_entry2){ .function = LEAF_KVM_TIMING };
    if (shape->tsc_khz)
        abx_cpuid_set_tsc_khz(entries, count, shape->tsc_khz);
    return count;
}

void abx_cpuid_set_tsc_khz(struct kvm_cpuid_entry2 *entries, size_t count, uint32_t khz)
{
    struct kvm_cpuid_entry2 *timing = abx_cpuid_find(entries, count, LEAF_KVM_TIMING, 0);
    if (timing) {
        timing->eax = khz;
        timing->ebx = APIC_BUS_KHZ;
    }
}

bool abx_cpuid_has_virtualization(const struct kvm_cpuid_entry2 *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (entries[i].function == LEAF_FEATURES && (entries[i].ecx & FEATURES_ECX_VMX))
            return true;
        if (entries[i].function == LEAF_AMD_FEATURES && (entries[i].ecx & AMD_FEATURES_ECX_SVM))
            return true;
    }
    return false;
}
