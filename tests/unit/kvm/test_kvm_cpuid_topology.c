/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/x86_64/cpuid_topology.h"

#include "cmocka_kvm.h"

enum { CAPACITY = 32 };

typedef struct table {
    struct kvm_cpuid_entry2 entries[CAPACITY];
    size_t count;
} table;

static void add(table *to, uint32_t leaf, uint32_t subleaf, uint32_t eax, uint32_t ebx, uint32_t ecx, uint32_t edx)
{
    to->entries[to->count++] = (struct kvm_cpuid_entry2){ leaf, subleaf, 0, eax, ebx, ecx, edx, { 0 } };
}

static const struct kvm_cpuid_entry2 *find(const table *in, uint32_t leaf, uint32_t subleaf)
{
    for (size_t i = 0; i < in->count; i++) {
        if (in->entries[i].function == leaf && in->entries[i].index == subleaf)
            return &in->entries[i];
    }
    return NULL;
}

/* Leaves as a host with many more processors has them. */
static table amd(void)
{
    table host = { .count = 0 };
    add(&host, 0, 0, 0x10, 0x68747541, 0x444d4163, 0x69746e65);
    add(&host, 1, 0, 0xb00f21, 0x37400800, 0, 1u << 28);
    add(&host, 0xb, 0, 1, 2, 0x100, 0x37);
    add(&host, 0xb, 1, 6, 64, 0x201, 0x37);
    add(&host, 0x80000001, 0, 0, 0, 0, 0);
    add(&host, 0x80000008, 0, 0x3030, 0, 0x603f, 0);
    add(&host, 0x8000001d, 0, 0x4121 | 7 << 14, 0, 0, 0);  /* L1 data */
    add(&host, 0x8000001d, 3, 0x4163 | 63 << 14, 0, 0, 0); /* L3 */
    add(&host, 0x8000001e, 0, 0x37, 0x105, 0x300, 0);
    add(&host, 0x80000026, 0, 1, 2, 0x100, 0x37);
    return host;
}

static table intel(void)
{
    table host = { .count = 0 };
    add(&host, 0, 0, 0x1f, 0x756e6547, 0x6c65746e, 0x49656e69);
    add(&host, 1, 0, 0x806f8, 0x37800800, 0, 0);
    add(&host, 4, 0, 0xfc004121, 0, 0, 0);
    add(&host, 4, 3, 0xfc1fc163, 0, 0, 0);
    add(&host, 4, 4, 0, 0, 0, 0);
    add(&host, 0x80000001, 0, 0, 0, 1u << 1, 0);
    add(&host, 0x80000008, 0, 0x3030, 0, 0, 0);
    return host;
}

static void apply(table *to, uint32_t apic_id, uint32_t cpus)
{
    to->count = abx_cpuid_apply_topology(to->entries, to->count, CAPACITY, apic_id, cpus);
}

static void one_cpu_has_no_siblings(void **state)
{
    (void)state;
    table guest = amd();
    apply(&guest, 0, 1);
    assert_int_equal(find(&guest, 1, 0)->ebx, 0x00010800);
    assert_int_equal(find(&guest, 1, 0)->edx & 1u << 28, 0);
    assert_int_equal(find(&guest, 0x80000001, 0)->ecx & 2, 0);
    assert_int_equal(find(&guest, 0x80000008, 0)->ecx, 0);
    assert_int_equal(find(&guest, 0x8000001d, 3)->eax, 0x0163);
    assert_int_equal(find(&guest, 0xb, 1)->eax, 0);
    assert_int_equal(find(&guest, 0xb, 1)->ebx, 1);
}

static void amd_leaves_agree(void **state)
{
    (void)state;
    table guest = amd();
    apply(&guest, 4, 6);
    assert_int_equal(find(&guest, 1, 0)->ebx, 0x04060800);
    assert_int_not_equal(find(&guest, 1, 0)->edx & 1u << 28, 0);
    assert_int_equal(find(&guest, 0x80000001, 0)->ecx, 2);
    assert_int_equal(find(&guest, 0x80000008, 0)->ecx, 0x3005); /* 6 cores, 3 bits of APIC id */
    assert_int_equal(find(&guest, 0x8000001d, 0)->eax, 0x0121);
    assert_int_equal(find(&guest, 0x8000001d, 3)->eax, 0x0163 | 5 << 14);
    assert_int_equal(find(&guest, 0x8000001e, 0)->eax, 4);
    assert_int_equal(find(&guest, 0x8000001e, 0)->ebx, 4);
    assert_int_equal(find(&guest, 0x8000001e, 0)->ecx, 0);
    assert_int_equal(find(&guest, 0x80000026, 0)->ebx, 0);
}

static void intel_leaves_agree(void **state)
{
    (void)state;
    table guest = intel();
    apply(&guest, 5, 6);
    assert_int_equal(find(&guest, 1, 0)->ebx, 0x05080800); /* 8 ids for 6 processors */
    assert_int_equal(find(&guest, 4, 0)->eax, 7u << 26 | 0x0121);
    assert_int_equal(find(&guest, 4, 3)->eax, 7u << 26 | 7u << 14 | 0x0163);
    assert_int_equal(find(&guest, 4, 4)->eax, 0); /* no cache: stays empty */
    assert_int_equal(find(&guest, 0x80000001, 0)->ecx & 2, 0);
    assert_int_equal(find(&guest, 0x80000008, 0)->ecx, 0);
}

static void extended_topology_has_two_levels(void **state)
{
    (void)state;
    table guest = intel();
    apply(&guest, 5, 6);
    const uint32_t leaves[] = { 0xb, 0x1f };
    for (size_t i = 0; i < 2; i++) {
        const struct kvm_cpuid_entry2 *smt = find(&guest, leaves[i], 0), *core = find(&guest, leaves[i], 1);
        const struct kvm_cpuid_entry2 *end = find(&guest, leaves[i], 2);
        assert_true(smt && core && end);
        assert_true(smt->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX);
        assert_int_equal(smt->eax, 0);
        assert_int_equal(smt->ebx, 1);
        assert_int_equal(smt->ecx, 0x100);
        assert_int_equal(core->eax, 3);
        assert_int_equal(core->ebx, 6);
        assert_int_equal(core->ecx, 0x201);
        assert_int_equal(end->ebx, 0);
        assert_int_equal(end->ecx, 2);
        assert_true(smt->edx == 5 && core->edx == 5 && end->edx == 5);
    }
}

static void leaves_beyond_the_last_one_are_not_added(void **state)
{
    (void)state;
    table guest = amd();
    apply(&guest, 1, 2);
    assert_non_null(find(&guest, 0xb, 0));
    assert_null(find(&guest, 0x1f, 0));
    guest = amd();
    guest.entries[0].eax = 0xa;
    apply(&guest, 1, 2);
    assert_null(find(&guest, 0xb, 0));
}

static void hundreds_of_cpus_fit(void **state)
{
    (void)state;
    table guest = intel();
    apply(&guest, 700, 1000);
    assert_int_equal(find(&guest, 1, 0)->ebx >> 24, 700 & 0xff);
    assert_int_equal(find(&guest, 1, 0)->ebx >> 16 & 0xff, 255);
    assert_int_equal(find(&guest, 4, 3)->eax, 63u << 26 | 1023u << 14 | 0x0163);
    assert_int_equal(find(&guest, 0xb, 1)->eax, 10);
    assert_int_equal(find(&guest, 0xb, 1)->ebx, 1000);
    assert_int_equal(find(&guest, 0xb, 1)->edx, 700);
}

static void a_full_table_stays_within_its_room(void **state)
{
    (void)state;
    table guest = intel();
    size_t count = guest.count;
    for (size_t capacity = count; capacity < count + 3; capacity++) {
        guest = intel();
        assert_int_equal(abx_cpuid_apply_topology(guest.entries, count, capacity, 1, 2), count);
    }
    assert_int_equal(abx_cpuid_apply_topology(guest.entries, 0, 0, 1, 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_cpu_has_no_siblings),
        cmocka_unit_test(amd_leaves_agree),
        cmocka_unit_test(intel_leaves_agree),
        cmocka_unit_test(extended_topology_has_two_levels),
        cmocka_unit_test(leaves_beyond_the_last_one_are_not_added),
        cmocka_unit_test(hundreds_of_cpus_fit),
        cmocka_unit_test(a_full_table_stays_within_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
