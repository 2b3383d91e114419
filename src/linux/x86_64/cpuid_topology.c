/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpuid_topology.h"

#include <stdbool.h>

/* Leaves and fields: Intel SDM vol. 2, CPUID; AMD APM vol. 3, appendix E. */
enum {
    LEAF_VENDOR = 0,
    LEAF_FEATURES = 1,
    LEAF_CACHES = 4,
    LEAF_TOPOLOGY = 0xb,
    LEAF_TOPOLOGY_V2 = 0x1f,
};
#define LEAF_AMD_FEATURES    0x80000001u
#define LEAF_AMD_SIZES       0x80000008u
#define LEAF_AMD_CACHES      0x8000001du
#define LEAF_AMD_TOPOLOGY    0x8000001eu
#define LEAF_AMD_TOPOLOGY_V2 0x80000026u

#define FEATURES_EDX_HTT            (UINT32_C(1) << 28)
#define AMD_FEATURES_ECX_CMP_LEGACY (UINT32_C(1) << 1)
#define VENDOR_EBX_AUTH             UINT32_C(0x68747541) /* "Auth", of AuthenticAMD */
#define VENDOR_EBX_HYGON            UINT32_C(0x6f677948) /* "Hygo", of HygonGenuine */

enum { LEVEL_SMT = 1, LEVEL_CORE = 2, SHARED_CACHE_LEVEL = 3 };

typedef struct place {
    uint32_t apic_id;
    uint32_t cpus;
    uint32_t bits; /* of an APIC id that number the cores of a package */
    bool amd;
} place;

static uint32_t at_most(uint32_t value, uint32_t limit)
{
    return value < limit ? value : limit;
}

/* Replaces `width` bits of *word from bit `shift` on. */
static void set_field(uint32_t *word, uint32_t shift, uint32_t width, uint32_t value)
{
    uint32_t mask = ((UINT32_C(1) << width) - 1) << shift;
    *word = (*word & ~mask) | ((value << shift) & mask);
}

static uint32_t id_bits(uint32_t cpus)
{
    uint32_t bits = 0;
    while (bits < 31 && (UINT32_C(1) << bits) < cpus)
        bits++;
    return bits;
}

/* EAX of a cache's entry: who shares it, and (Intel) how many core ids there are in the package. */
static void place_cache(struct kvm_cpuid_entry2 *entry, const place *at)
{
    if ((entry->eax & 0x1f) == 0)
        return;
    bool shared = ((entry->eax >> 5) & 7) >= SHARED_CACHE_LEVEL;
    uint32_t ids = (UINT32_C(1) << at->bits) - 1;
    if (entry->function == LEAF_AMD_CACHES) {
        set_field(&entry->eax, 14, 12, shared ? at_most(at->cpus - 1, 0xfff) : 0);
        return;
    }
    set_field(&entry->eax, 14, 12, shared ? at_most(ids, 0xfff) : 0);
    set_field(&entry->eax, 26, 6, at_most(ids, 0x3f));
}

static void place_entry(struct kvm_cpuid_entry2 *entry, const place *at)
{
    switch (entry->function) {
    case LEAF_FEATURES:
        set_field(&entry->ebx, 24, 8, at->apic_id & 0xff);
        set_field(&entry->ebx, 16, 8, at_most(at->amd ? at->cpus : UINT32_C(1) << at->bits, 0xff));
        entry->edx = at->cpus > 1 ? entry->edx | FEATURES_EDX_HTT : entry->edx & ~FEATURES_EDX_HTT;
        break;
    case LEAF_CACHES:
    case LEAF_AMD_CACHES:
        place_cache(entry, at);
        break;
    case LEAF_AMD_FEATURES:
        /* Several cores, not several threads. */
        set_field(&entry->ecx, 1, 1, at->amd && at->cpus > 1);
        break;
    case LEAF_AMD_SIZES:
        if (at->amd) {
            set_field(&entry->ecx, 0, 8, at_most(at->cpus - 1, 0xff));
            set_field(&entry->ecx, 12, 4, at_most(at->bits, 0xf));
        }
        break;
    case LEAF_AMD_TOPOLOGY:
        entry->eax = at->apic_id;
        entry->ebx = at->apic_id & 0xff;
        entry->ecx = entry->edx = 0;
        break;
    case LEAF_AMD_TOPOLOGY_V2:
        entry->eax = entry->ebx = entry->ecx = entry->edx = 0;
        break;
    default:
        break;
    }
}

static size_t remove_leaf(struct kvm_cpuid_entry2 *entries, size_t count, uint32_t leaf)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (entries[i].function != leaf)
            entries[kept++] = entries[i];
    }
    return kept;
}

/* One level of an extended topology leaf. */
static struct kvm_cpuid_entry2 level(uint32_t leaf, uint32_t index, uint32_t type, uint32_t shift, uint32_t count,
                                     uint32_t apic_id)
{
    return (struct kvm_cpuid_entry2){
        .function = leaf,
        .index = index,
        .flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
        .eax = shift,
        .ebx = count,
        .ecx = type << 8 | index,
        .edx = apic_id,
    };
}

static size_t add_topology(struct kvm_cpuid_entry2 *entries, size_t count, size_t capacity, uint32_t leaf,
                           const place *at)
{
    if (capacity < count + 3)
        return count;
    entries[count++] = level(leaf, 0, LEVEL_SMT, 0, 1, at->apic_id);
    entries[count++] = level(leaf, 1, LEVEL_CORE, at->bits, at_most(at->cpus, 0xffff), at->apic_id);
    entries[count++] = level(leaf, 2, 0, 0, 0, at->apic_id);
    return count;
}

size_t abx_cpuid_apply_topology(struct kvm_cpuid_entry2 *entries, size_t count, size_t capacity, uint32_t apic_id,
                                uint32_t cpus)
{
    place at = { .apic_id = apic_id, .cpus = cpus, .bits = id_bits(cpus) };
    uint32_t last_leaf = 0;
    for (size_t i = 0; i < count; i++) {
        if (entries[i].function == LEAF_VENDOR) {
            last_leaf = entries[i].eax;
            at.amd = entries[i].ebx == VENDOR_EBX_AUTH || entries[i].ebx == VENDOR_EBX_HYGON;
        }
    }
    for (size_t i = 0; i < count; i++)
        place_entry(&entries[i], &at);

    static const uint32_t leaves[] = { LEAF_TOPOLOGY, LEAF_TOPOLOGY_V2 };
    for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
        count = remove_leaf(entries, count, leaves[i]);
        if (last_leaf >= leaves[i])
            count = add_topology(entries, count, capacity, leaves[i], &at);
    }
    return count;
}
