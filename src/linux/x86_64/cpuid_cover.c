/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpuid_cover.h"

#include <stdint.h>

#define BIT(n) (UINT32_C(1) << (n))

/* Registers of feature bits (Intel SDM vol. 2, CPUID; AMD APM vol. 3, appendix E), with the bits that do not count. */
static const struct {
    uint32_t leaf;
    uint32_t subleaf;
    size_t offset;
    uint32_t ignored;
} features[] = {
    /* MONITOR, x2APIC, TSC deadline, OSXSAVE and the hypervisor's bit; local APIC and HTT. */
    { 1, 0, offsetof(struct kvm_cpuid_entry2, ecx), BIT(3) | BIT(21) | BIT(24) | BIT(27) | BIT(31) },
    { 1, 0, offsetof(struct kvm_cpuid_entry2, edx), BIT(9) | BIT(28) },
    { 7, 0, offsetof(struct kvm_cpuid_entry2, ebx), 0 },
    { 7, 0, offsetof(struct kvm_cpuid_entry2, ecx), BIT(4) }, /* OSPKE */
    { 7, 0, offsetof(struct kvm_cpuid_entry2, edx), 0 },
    { 7, 1, offsetof(struct kvm_cpuid_entry2, eax), 0 },
    { 7, 1, offsetof(struct kvm_cpuid_entry2, edx), 0 },
    { 0xd, 0, offsetof(struct kvm_cpuid_entry2, eax), 0 }, /* what XCR0 may hold */
    { 0xd, 0, offsetof(struct kvm_cpuid_entry2, edx), 0 },
    { 0xd, 1, offsetof(struct kvm_cpuid_entry2, eax), 0 },
    { 0x80000001, 0, offsetof(struct kvm_cpuid_entry2, ecx), BIT(1) }, /* cores, not threads */
    { 0x80000001, 0, offsetof(struct kvm_cpuid_entry2, edx), BIT(9) }, /* local APIC */
    { 0x80000008, 0, offsetof(struct kvm_cpuid_entry2, ebx), 0 },
};

static const struct kvm_cpuid_entry2 *find(const struct kvm_cpuid_entry2 *entries, size_t count, uint32_t leaf,
                                           uint32_t subleaf)
{
    for (size_t i = 0; i < count; i++) {
        if (entries[i].function == leaf && entries[i].index == subleaf)
            return &entries[i];
    }
    return NULL;
}

static uint32_t word(const struct kvm_cpuid_entry2 *entry, size_t offset)
{
    return entry ? *(const uint32_t *)((const char *)entry + offset) : 0;
}

bool abx_cpuid_covers(const struct kvm_cpuid_entry2 *host, size_t host_count, const struct kvm_cpuid_entry2 *guest,
                      size_t guest_count)
{
    const struct kvm_cpuid_entry2 *own = find(host, host_count, 0, 0), *other = find(guest, guest_count, 0, 0);
    if (!own || !other || own->ebx != other->ebx || own->ecx != other->ecx || own->edx != other->edx)
        return false;
    for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
        uint32_t have = word(find(host, host_count, features[i].leaf, features[i].subleaf), features[i].offset);
        uint32_t want = word(find(guest, guest_count, features[i].leaf, features[i].subleaf), features[i].offset);
        if (want & ~have & ~features[i].ignored)
            return false;
    }
    return true;
}
