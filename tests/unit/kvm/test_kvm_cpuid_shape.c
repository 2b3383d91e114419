/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/x86_64/cpuid_shape.h"

#include "cmocka_kvm.h"

#include <string.h>

enum { CAPACITY = 16 };
#define VMX          (1u << 5)
#define X2APIC       (1u << 21)
#define TSC_DEADLINE (1u << 24)
#define HYPERVISOR   (1u << 31)
#define SVM          (1u << 2)

static const struct kvm_cpuid_entry2 host[] = {
    { .function = 0, .eax = 0xd, .ebx = 0x756e6547 },
    { .function = 1, .ecx = VMX | X2APIC },
    { .function = 0x40000000, .eax = 0x40000001, .ebx = 0x4b4d564b },
    { .function = 0x40000001, .eax = 0x010078fb },
    { .function = 0x80000001, .ecx = SVM | 1 },
    { .function = 0x8000000a, .eax = 1, .ebx = 16, .edx = 9 },
};
enum { HOST_COUNT = sizeof(host) / sizeof(host[0]) };

static struct kvm_cpuid_entry2 entries[CAPACITY];
static size_t count;

static const struct kvm_cpuid_entry2 *leaf(uint32_t function)
{
    return abx_cpuid_find(entries, count, function, 0);
}

static void make(abx_cpuid_shape shape)
{
    memcpy(entries, host, sizeof(host));
    count = abx_cpuid_apply_shape(entries, HOST_COUNT, CAPACITY, &shape);
}

static void a_guest_knows_that_it_is_one(void **state)
{
    (void)state;
    make((abx_cpuid_shape){ .cpus = 1 });
    assert_true(leaf(1)->ecx & HYPERVISOR);
}

static void virtualization_is_hidden_unless_asked_for(void **state)
{
    (void)state;
    make((abx_cpuid_shape){ .cpus = 1 });
    assert_false(abx_cpuid_has_virtualization(entries, count));
    assert_int_equal(leaf(0x80000001)->ecx, 1);
    assert_int_equal(leaf(0x8000000a)->ebx, 0);
    make((abx_cpuid_shape){ .cpus = 1, .nested = true });
    assert_true(abx_cpuid_has_virtualization(entries, count));
    assert_true(leaf(1)->ecx & VMX);
    assert_true(leaf(0x80000001)->ecx & SVM);
    assert_int_equal(leaf(0x8000000a)->ebx, 16);
}

static void timers_and_features_follow_the_local_apic(void **state)
{
    (void)state;
    make((abx_cpuid_shape){ .cpus = 1, .local_apic = true, .tsc_deadline = true });
    assert_int_equal(leaf(1)->ecx & (X2APIC | TSC_DEADLINE), X2APIC | TSC_DEADLINE);
    assert_int_equal(leaf(0x40000001)->eax, 0x010078fb);
    make((abx_cpuid_shape){ .cpus = 1, .local_apic = true });
    assert_int_equal(leaf(1)->ecx & (X2APIC | TSC_DEADLINE), X2APIC);
    make((abx_cpuid_shape){ .cpus = 1, .tsc_deadline = true });
    assert_int_equal(leaf(1)->ecx & (X2APIC | TSC_DEADLINE), 0);
    /* The clock stays; what needs the kernel's APIC goes: asynchronous faults, EOI, unhalt, IPIs. */
    assert_int_equal(leaf(0x40000001)->eax, 0x0100302b);
}

static void the_frequency_is_told(void **state)
{
    (void)state;
    make((abx_cpuid_shape){ .cpus = 1, .tsc_khz = 2096031 });
    assert_int_equal(leaf(0x40000000)->eax, 0x40000010);
    assert_int_equal(leaf(0x40000010)->eax, 2096031);
    assert_int_equal(leaf(0x40000010)->ebx, 1000000);
    abx_cpuid_set_tsc_khz(entries, count, 1000);
    assert_int_equal(leaf(0x40000010)->eax, 1000);
    make((abx_cpuid_shape){ .cpus = 1 });
    assert_null(leaf(0x40000010));
    assert_int_equal(leaf(0x40000000)->eax, 0x40000001);
}

static void a_full_table_stays_within_its_room(void **state)
{
    (void)state;
    const abx_cpuid_shape shape = { .cpus = 4, .tsc_khz = 1000 };
    struct kvm_cpuid_entry2 room[HOST_COUNT + 1];
    memcpy(room, host, sizeof(host));
    room[HOST_COUNT].function = 0x1234;
    assert_int_equal(abx_cpuid_apply_shape(room, HOST_COUNT, HOST_COUNT, &shape), HOST_COUNT);
    assert_int_equal(room[HOST_COUNT].function, 0x1234);
}

static void subleaves_are_found(void **state)
{
    (void)state;
    struct kvm_cpuid_entry2 table[] = {
        { .function = 7, .index = 0, .flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX },
        { .function = 7, .index = 1, .flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX },
        { .function = 6 },
    };
    assert_ptr_equal(abx_cpuid_find(table, 3, 7, 1), &table[1]);
    assert_ptr_equal(abx_cpuid_find(table, 3, 6, 99), &table[2]);
    assert_null(abx_cpuid_find(table, 3, 7, 2));
    assert_null(abx_cpuid_find(table, 0, 7, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guest_knows_that_it_is_one),
        cmocka_unit_test(virtualization_is_hidden_unless_asked_for),
        cmocka_unit_test(timers_and_features_follow_the_local_apic),
        cmocka_unit_test(the_frequency_is_told),
        cmocka_unit_test(a_full_table_stays_within_its_room),
        cmocka_unit_test(subleaves_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
