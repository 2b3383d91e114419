/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fake_vcpu.h"

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

static uint8_t *save(size_t *size)
{
    assert_int_equal(abx_kvm_vcpu_save_state(&host->vcpu, NULL, 0, size), ABX_OK);
    uint8_t *block = malloc(*size);
    assert_non_null(block);
    assert_int_equal(abx_kvm_vcpu_save_state(&host->vcpu, block, *size, size), ABX_OK);
    return block;
}

static void everything_comes_back(void **state)
{
    (void)state;
    fake.regs.r9 = 9;
    fake.sregs2.cr3 = 0x3000;
    fake.debug.db[1] = 1;
    fake.xsave[700] = 7;
    fake.lapic.regs[0x80] = 8;
    fake.mp_state.mp_state = KVM_MP_STATE_HALTED;
    fake.events.nmi.pending = 1;
    fake.msrs[199] = 199;
    fake_vcpu before = fake;
    size_t size;
    uint8_t *block = save(&size);
    memset(&fake.regs, 0xff, offsetof(fake_vcpu, cpuid_entries));
    fake.msrs[MSR_READ_ONLY] = before.msrs[MSR_READ_ONLY];
    assert_int_equal(abx_kvm_vcpu_restore_state(&host->vcpu, block, size), ABX_OK);
    assert_memory_equal(&fake.regs, &before.regs, sizeof(fake.regs));
    assert_memory_equal(&fake.sregs2, &before.sregs2, sizeof(fake.sregs2));
    assert_memory_equal(&fake.debug, &before.debug, sizeof(fake.debug));
    assert_memory_equal(fake.xsave, before.xsave, sizeof(fake.xsave));
    assert_memory_equal(&fake.lapic, &before.lapic, sizeof(fake.lapic));
    assert_int_equal(fake.mp_state.mp_state, KVM_MP_STATE_HALTED);
    assert_int_equal(fake.events.nmi.pending, 1);
    assert_true(fake.events.flags & KVM_VCPUEVENT_VALID_NMI_PENDING);
    assert_int_equal(fake.msrs[199], 199);
    free(block);
}

static size_t position(unsigned long request)
{
    for (size_t i = 0; i < fake.calls; i++) {
        if (fake.log[i] == request)
            return i;
    }
    fail_msg("request %#lx was not made", request);
    return 0;
}

static void parts_go_back_in_the_order_that_they_need(void **state)
{
    (void)state;
    size_t size;
    uint8_t *block = save(&size);
    fake_forget();
    assert_int_equal(abx_kvm_vcpu_restore_state(&host->vcpu, block, size), ABX_OK);
    const unsigned long order[] = { KVM_SET_CPUID2, KVM_SET_SREGS2,   KVM_SET_REGS,       KVM_SET_LAPIC,
                                    KVM_SET_MSRS,   KVM_SET_MP_STATE, KVM_SET_VCPU_EVENTS };
    for (size_t i = 1; i < sizeof(order) / sizeof(order[0]); i++)
        assert_true(position(order[i - 1]) < position(order[i]));
    free(block);
}

static void a_register_that_waits_is_saved(void **state)
{
    (void)state;
    fake_exit(host);
    const abx_reg name = ABX_X86_RBX;
    uint64_t value = 77;
    assert_int_equal(abx_kvm_vcpu_read_registers(&host->vcpu, &name, &value, 1), ABX_OK);
    fake_exit(host);
    value = 77;
    assert_int_equal(abx_kvm_vcpu_write_registers(&host->vcpu, &name, &value, 1), ABX_OK);
    assert_int_not_equal(host->run.kvm_dirty_regs, 0);
    size_t size;
    free(save(&size));
    assert_int_equal(fake.regs.rbx, 77);
}

static void a_vanished_msr_value_is_named(void **state)
{
    (void)state;
    size_t size;
    uint8_t *block = save(&size);
    fake.msrs[MSR_READ_ONLY] = 4; /* saved as 0, and cannot be set */
    assert_int_equal(abx_kvm_vcpu_restore_state(&host->vcpu, block, size), ABX_ERR_SYSTEM);
    assert_non_null(strstr(abx_last_error()->message, "MSR 0x17"));
    free(block);
}

/* Without harm: unstable TSCs have no frequency. */
static bool may_fail(unsigned long request)
{
    return request == KVM_GET_TSC_KHZ;
}

static void every_call_may_fail(void **state)
{
    (void)state;
    size_t size, given;
    uint8_t *block = save(&size), *buffer = malloc(size);
    assert_non_null(buffer);
    fake_forget();
    assert_int_equal(abx_kvm_vcpu_save_state(&host->vcpu, buffer, size, &given), ABX_OK);
    size_t calls = fake.calls;
    for (size_t n = 1; n <= calls; n++) {
        memset(buffer, 0x77, size);
        given = 3;
        fake_forget();
        fake.fail_call = n;
        abx_status status = abx_kvm_vcpu_save_state(&host->vcpu, buffer, size, &given);
        if (may_fail(fake.log[n - 1]))
            continue;
        assert_int_equal(status, ABX_ERR_NO_MEMORY);
        assert_int_equal(given, 3);
        assert_int_equal(buffer[0], 0x77);
    }
    fake_forget();
    assert_int_equal(abx_kvm_vcpu_restore_state(&host->vcpu, block, size), ABX_OK);
    calls = fake.calls;
    for (size_t n = 1; n <= calls; n++) {
        fake_forget();
        fake.fail_call = n;
        abx_status status = abx_kvm_vcpu_restore_state(&host->vcpu, block, size);
        if (!may_fail(fake.log[n - 1]))
            assert_int_equal(status, ABX_ERR_NO_MEMORY);
    }
    free(block);
    free(buffer);
}

static void a_small_buffer_is_told_the_size(void **state)
{
    (void)state;
    uint8_t byte = 9;
    size_t size = 0;
    assert_int_equal(abx_kvm_vcpu_save_state(&host->vcpu, &byte, 1, &size), ABX_ERR_LIMIT);
    assert_true(size > 4096);
    assert_int_equal(byte, 9);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_host, close_host)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_comes_back),
        TEST(parts_go_back_in_the_order_that_they_need),
        TEST(a_register_that_waits_is_saved),
        TEST(a_vanished_msr_value_is_named),
        TEST(every_call_may_fail),
        TEST(a_small_buffer_is_told_the_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
