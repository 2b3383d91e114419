/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fake_vcpu.h"
#include "linux/x86_64/table.h"

#include <stdlib.h>

/* However many entries the host has, they are read; and failures leave nothing behind. */
static void lists_of_any_size_are_read(void **state)
{
    (void)state;
    const uint32_t sizes[] = { 0, 1, 95, 96, 97, 300, 511, 512, 513, 4096 };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        fake_host *host = fake_open();
        abx_kvm_hypervisor other = { 0 };
        fake.cpuid_entries = fake.listed_msrs = sizes[i];
        bool too_many = sizes[i] > 96 * 32;
        assert_int_equal(abx_kvm_cpuid_load(&other), too_many ? ABX_ERR_SYSTEM : ABX_OK);
        if (!too_many)
            assert_int_equal(other.arch.cpuid->nent, sizes[i]);
        assert_int_equal(abx_kvm_msr_list_load(&other), ABX_OK);
        assert_int_equal(other.arch.msrs->nmsrs, sizes[i]);
        free(other.arch.cpuid);
        free(other.arch.msrs);
        fake_close(host);
    }
}

static void failures_leave_nothing(void **state)
{
    (void)state;
    fake_host *host = fake_open();
    abx_kvm_hypervisor other = { 0 };
    fake.fail_call = 1;
    assert_int_equal(abx_kvm_cpuid_load(&other), ABX_ERR_NO_MEMORY);
    assert_null(other.arch.cpuid);
    fake_forget();
    fake.fail_call = 1;
    assert_int_equal(abx_kvm_msr_list_load(&other), ABX_ERR_NO_MEMORY);
    assert_null(other.arch.msrs);
    fake_close(host);
}

static void a_vcpu_gets_no_more_than_kvm_takes(void **state)
{
    (void)state;
    fake_host *host = fake_open();
    fake_close(host);
    host = fake_open();
    free(host->hypervisor.arch.cpuid);
    host->hypervisor.arch.cpuid = NULL;
    fake.cpuid_entries = 1000;
    assert_int_equal(abx_kvm_cpuid_load(&host->hypervisor), ABX_OK);
    assert_int_equal(abx_kvm_cpuid_apply(&host->vcpu), ABX_OK);
    abx_x86_cpuid entries[8];
    size_t count;
    assert_int_equal(abx_kvm_supported_cpuid(&host->hypervisor, entries, 8, &count), ABX_OK);
    assert_int_equal(count, 1000);
    assert_int_equal(entries[7].leaf, 7);
    fake_close(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_any_size_are_read),
        cmocka_unit_test(failures_leave_nothing),
        cmocka_unit_test(a_vcpu_gets_no_more_than_kvm_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
