/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fake_vcpu.h"

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

static uint64_t get(abx_reg name)
{
    uint64_t value = 0;
    assert_int_equal(abx_kvm_vcpu_read_registers(&host->vcpu, &name, &value, 1), ABX_OK);
    return value;
}

static abx_status set(abx_reg name, uint64_t value)
{
    return abx_kvm_vcpu_write_registers(&host->vcpu, &name, &value, 1);
}

static void one_call_for_each_class(void **state)
{
    (void)state;
    const abx_reg names[] = { ABX_X86_RAX, ABX_X86_CR3,       ABX_X86_RBX,       ABX_X86_DR(0),
                              ABX_X86_CR0, ABX_X86_MSR(0x10), ABX_X86_MSR(0x11), ABX_X86_XCR0 };
    uint64_t values[8];
    fake.regs.rbx = 3;
    fake.msrs[0x11] = 7;
    assert_int_equal(abx_kvm_vcpu_read_registers(&host->vcpu, names, values, 8), ABX_OK);
    assert_int_equal(fake.calls, 5);
    assert_int_equal(values[2], 3);
    assert_int_equal(values[6], 7);
    assert_int_equal(values[7], 1);
}

static void copies_come_along_while_somebody_reads_them(void **state)
{
    (void)state;
    get(ABX_X86_RAX); /* before the first run: not worth it */
    assert_int_equal(host->run.kvm_valid_regs, 0);
    fake_exit(host);
    assert_int_equal(host->vcpu.synced, 0);
    get(ABX_X86_RAX);
    fake.regs.rax = 11;
    fake.sregs.cr3 = 22;
    fake_exit(host);
    fake_forget();
    assert_int_equal(get(ABX_X86_RAX), 11);
    assert_int_equal(fake.calls, 0);
    assert_int_equal(get(ABX_X86_CR3), 22);
    assert_int_equal(fake_count(KVM_GET_SREGS), 1);
    fake_exit(host);
    fake_forget();
    get(ABX_X86_CR3);
    assert_int_equal(fake.calls, 0);
    fake_exit(host); /* brings both; the general ones were not read last time */
    assert_int_equal(host->vcpu.synced, KVM_SYNC_X86_SREGS);
    fake_exit(host);
    assert_int_equal(host->vcpu.synced, 0);
}

static void written_copies_wait_for_the_next_entry(void **state)
{
    (void)state;
    fake_exit(host);
    get(ABX_X86_RAX);
    fake_exit(host);
    fake_forget();
    assert_int_equal(set(ABX_X86_RAX, 5), ABX_OK);
    assert_int_equal(get(ABX_X86_RAX), 5);
    assert_int_equal(fake.calls, 0);
    assert_int_equal(fake.regs.rax, 0);
    fake_exit(host);
    assert_int_equal(fake.regs.rax, 5);
}

static void settling_makes_the_kernel_right(void **state)
{
    (void)state;
    fake_exit(host);
    get(ABX_X86_RAX);
    fake_exit(host);
    assert_int_equal(set(ABX_X86_RAX, 5), ABX_OK);
    fake_forget();
    fake.fail_call = 1;
    assert_int_equal(abx_kvm_settle_registers(&host->vcpu), ABX_ERR_NO_MEMORY);
    assert_int_equal(get(ABX_X86_RAX), 5); /* still waiting */
    assert_int_equal(abx_kvm_settle_registers(&host->vcpu), ABX_OK);
    assert_int_equal(fake.regs.rax, 5);
    assert_int_equal(host->run.kvm_dirty_regs, 0);
    fake.regs.rax = 6; /* behind our back */
    assert_int_equal(get(ABX_X86_RAX), 6);
}

static void system_registers_are_written_at_once(void **state)
{
    (void)state;
    fake_exit(host);
    get(ABX_X86_CR3);
    fake_exit(host);
    fake_forget();
    assert_int_equal(set(ABX_X86_CR8, 9), ABX_OK);
    assert_int_equal(fake.calls, 1); /* the copy saves the reading */
    assert_int_equal(fake.sregs.cr8, 9);
    assert_int_equal(host->run.cr8, 9);
    assert_int_equal(get(ABX_X86_CR8), 9);
    fake.invalid_request = KVM_SET_SREGS;
    assert_int_equal(set(ABX_X86_CR8, 3), ABX_ERR_RANGE);
    assert_int_equal(host->run.cr8, 9);
    assert_int_equal(get(ABX_X86_CR8), 9);
}

static void msrs_may_change_the_copies(void **state)
{
    (void)state;
    fake_exit(host);
    get(ABX_X86_CR3);
    get(ABX_X86_RAX);
    fake_exit(host);
    assert_int_equal(set(ABX_X86_MSR(0x10), 1), ABX_OK);
    assert_int_equal(host->vcpu.synced, KVM_SYNC_X86_REGS);
}

static void every_class_fails_without_a_trace(void **state)
{
    (void)state;
    const abx_reg names[] = { ABX_X86_RAX, ABX_X86_CR3, ABX_X86_DR(0), ABX_X86_XCR0, ABX_X86_MSR(0x10) };
    uint64_t values[5], untouched[5];
    memset(untouched, 0x77, sizeof(untouched));
    for (size_t n = 1; n <= 5; n++) {
        memcpy(values, untouched, sizeof(values));
        fake_forget();
        fake.fail_call = n;
        assert_int_equal(abx_kvm_vcpu_read_registers(&host->vcpu, names, values, 5), ABX_ERR_NO_MEMORY);
        assert_memory_equal(values, untouched, sizeof(values));
    }
    fake_forget();
    assert_int_equal(abx_kvm_vcpu_write_registers(&host->vcpu, names, untouched, 5), ABX_OK);
    size_t calls = fake.calls;
    for (size_t n = 1; n <= calls; n++) {
        fake_forget();
        fake.fail_call = n;
        assert_int_not_equal(abx_kvm_vcpu_write_registers(&host->vcpu, names, untouched, 5), ABX_OK);
    }
}

static void a_host_without_copies_asks_each_time(void **state)
{
    (void)state;
    host->hypervisor.sync_regs = 0;
    for (uint64_t i = 1; i < 4; i++) {
        fake_exit(host);
        fake.regs.rip = i;
        assert_int_equal(get(ABX_X86_RIP), i);
    }
    assert_int_equal(host->run.kvm_valid_regs, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_host, close_host)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_call_for_each_class),
        TEST(copies_come_along_while_somebody_reads_them),
        TEST(written_copies_wait_for_the_next_entry),
        TEST(settling_makes_the_kernel_right),
        TEST(system_registers_are_written_at_once),
        TEST(msrs_may_change_the_copies),
        TEST(every_class_fails_without_a_trace),
        TEST(a_host_without_copies_asks_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
