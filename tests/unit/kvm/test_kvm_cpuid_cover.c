/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/x86_64/cpuid_cover.h"

#include "cmocka_kvm.h"

static const struct kvm_cpuid_entry2 vendor = { .function = 0, .ebx = 1, .ecx = 2, .edx = 3 };

static bool covers(struct kvm_cpuid_entry2 host_leaf, struct kvm_cpuid_entry2 guest_leaf)
{
    const struct kvm_cpuid_entry2 host[] = { vendor, host_leaf }, guest[] = { vendor, guest_leaf };
    return abx_cpuid_covers(host, 2, guest, 2);
}

static void needs_the_same_vendor(void **state)
{
    (void)state;
    struct kvm_cpuid_entry2 other = vendor;
    assert_true(abx_cpuid_covers(&vendor, 1, &vendor, 1));
    other.edx = 4;
    assert_false(abx_cpuid_covers(&vendor, 1, &other, 1));
    assert_false(abx_cpuid_covers(&vendor, 0, &vendor, 1));
    assert_false(abx_cpuid_covers(&vendor, 1, &vendor, 0));
}

static void needs_all_features(void **state)
{
    (void)state;
    assert_true(covers((struct kvm_cpuid_entry2){ .function = 7, .ebx = 6 },
                       (struct kvm_cpuid_entry2){ .function = 7, .ebx = 2 }));
    assert_false(covers((struct kvm_cpuid_entry2){ .function = 7, .ebx = 2 },
                        (struct kvm_cpuid_entry2){ .function = 7, .ebx = 6 }));
    assert_false(
        covers((struct kvm_cpuid_entry2){ .function = 2 }, (struct kvm_cpuid_entry2){ .function = 0xd, .eax = 4 }));
    assert_false(covers((struct kvm_cpuid_entry2){ .function = 7, .index = 0, .eax = 4 },
                        (struct kvm_cpuid_entry2){ .function = 7, .index = 1, .eax = 4 }));
}

static void how_the_vm_is_made_does_not_count(void **state)
{
    (void)state;
    assert_true(covers((struct kvm_cpuid_entry2){ .function = 1 },
                       (struct kvm_cpuid_entry2){ .function = 1, .ecx = 1u << 31 | 1u << 24, .edx = 1u << 28 }));
    assert_false(covers((struct kvm_cpuid_entry2){ .function = 1 },
                        (struct kvm_cpuid_entry2){ .function = 1, .ecx = 1u << 28 }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(needs_the_same_vendor),
        cmocka_unit_test(needs_all_features),
        cmocka_unit_test(how_the_vm_is_made_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
