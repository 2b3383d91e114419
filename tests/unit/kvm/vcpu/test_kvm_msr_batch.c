/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fake_vcpu.h"
#include "linux/x86_64/msr_batch.h"

#include <stdlib.h>
#include <string.h>

static fake_host *host;

static int open_host(void **state)
{
    (void)state;
    host = fake_open();
    return 0;
}

static int close_host(void **state)
{
    (void)state;
    fake_close(host);
    return 0;
}

static void large_batches_go_in_parts(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    struct kvm_msr_entry *entries = calloc(MANY, sizeof(*entries));
    assert_non_null(entries);
    size_t done;
    for (uint32_t i = 0; i < MANY; i++)
        entries[i].index = 100 + i % 100;
    for (uint32_t i = 100; i < 200; i++)
        fake.msrs[i] = i;
    assert_int_equal(abx_msr_batch(3, KVM_GET_MSRS, entries, MANY, &done), ABX_OK);
    assert_int_equal(done, MANY);
    assert_in_range(fake.most_at_once, 1, 255);
    for (uint32_t i = 0; i < MANY; i++)
        assert_int_equal(entries[i].data, entries[i].index);

    entries[777].index = MSR_NONE;
    assert_int_equal(abx_msr_batch(3, KVM_GET_MSRS, entries, MANY, &done), ABX_OK);
    assert_int_equal(done, 777);
    fake_forget();
    fake.fail_call = 3;
    assert_int_equal(abx_msr_batch(3, KVM_GET_MSRS, entries, 700, &done), ABX_ERR_NO_MEMORY);
    assert_in_range(done, 2, 699);
    free(entries);
}

static void nothing_is_no_call(void **state)
{
    (void)state;
    size_t done = 5;
    assert_int_equal(abx_msr_batch(3, KVM_SET_MSRS, NULL, 0, &done), ABX_OK);
    assert_int_equal(done, 0);
    assert_int_equal(fake.calls, 0);
}

static void unknown_ones_are_left_out(void **state)
{
    (void)state;
    struct kvm_msr_entry entries[] = { { .index = MSR_NONE }, { .index = 5 }, { .index = MSR_WRITE_ONLY },
                                       { .index = MSR_NONE }, { .index = 6 }, { .index = 7 },
                                       { .index = MSR_NONE } };
    size_t known = 0;
    fake.msrs[6] = 66;
    assert_int_equal(abx_msr_read_known(3, entries, 7, &known), ABX_OK);
    assert_int_equal(known, 3);
    assert_int_equal(entries[0].index, 5);
    assert_int_equal(entries[1].data, 66);
    assert_int_equal(entries[2].index, 7);
}

static abx_status write_two(abx_reg first, abx_reg second, uint64_t value)
{
    const abx_reg names[] = { first, second };
    const uint64_t values[] = { 1000, value };
    return abx_kvm_vcpu_write_registers(&host->vcpu, names, values, 2);
}

static void writing_is_all_or_nothing(void **state)
{
    (void)state;
    fake.msrs[5] = 55;
    fake.msrs[6] = 66;
    assert_int_equal(write_two(ABX_X86_MSR(5), ABX_X86_MSR(6), REFUSED_VALUE), ABX_ERR_RANGE);
    assert_non_null(strstr(abx_last_error()->message, "MSR 0x6"));
    assert_int_equal(fake.msrs[5], 55);
    assert_int_equal(write_two(ABX_X86_MSR(5), ABX_X86_MSR(MSR_NONE), 1), ABX_ERR_NOT_FOUND);
    assert_non_null(strstr(abx_last_error()->message, "MSR 0x666"));
    assert_int_equal(fake.msrs[5], 55);
    assert_int_equal(write_two(ABX_X86_MSR(5), ABX_X86_MSR(MSR_READ_ONLY), 1), ABX_ERR_RANGE);
    assert_int_equal(fake.msrs[5], 55);
    /* One that cannot be read is no obstacle to writing. */
    assert_int_equal(write_two(ABX_X86_MSR(MSR_WRITE_ONLY), ABX_X86_MSR(6), 7), ABX_OK);
    assert_int_equal(fake.msrs[6], 7);
    assert_int_equal(write_two(ABX_X86_MSR(5), ABX_X86_MSR(6), 8), ABX_OK);
    assert_int_equal(fake.msrs[5], 1000);
}

static void one_msr_is_one_call(void **state)
{
    (void)state;
    const abx_reg name = ABX_X86_MSR(5);
    const uint64_t value = 9;
    assert_int_equal(abx_kvm_vcpu_write_registers(&host->vcpu, &name, &value, 1), ABX_OK);
    assert_int_equal(fake.calls, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_host, close_host)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(large_batches_go_in_parts), TEST(nothing_is_no_call),  TEST(unknown_ones_are_left_out),
        TEST(writing_is_all_or_nothing), TEST(one_msr_is_one_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
