/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Every exit that a guest of the kvm backend can be brought to, with its details. */
#include "exits.h"
#include "harness.h"

#include <string.h>

enum { HOLE = 0xd0000000 };

static void open_exits(guest *g)
{
    guest_open(g, "exits", NULL);
}

/* Kernels before 5.18 tell no data. */
static void expect_system_event(uint32_t order, abx_system_event event, uint64_t data, uint64_t x1)
{
    guest g;
    open_exits(&g);
    guest_answer(&g, order);
    guest_run_to(&g, ABX_EXIT_SYSTEM_EVENT);
    assert_int_equal(g.exit.system_event.event, event);
    if (g.exit.system_event.data_count > 0)
        assert_int_equal(g.exit.system_event.data[0], data);
    assert_int_equal(guest_register(&g, ABX_ARM64_X(1)), x1);
    char text[256];
    assert_in_range(abx_exit_describe(&g.exit, text, sizeof(text)), 1, sizeof(text) - 1);
    guest_close(&g);
}

static void test_power_off(void **state)
{
    (void)state;
    expect_system_event(POWER_OFF, ABX_SYSTEM_SHUTDOWN, 0, 0);
}

static void test_reset(void **state)
{
    (void)state;
    expect_system_event(RESET, ABX_SYSTEM_RESET, 0, 0);
    expect_system_event(RESET_2, ABX_SYSTEM_RESET, 1, 0x80000005); /* KVM_SYSTEM_EVENT_RESET_FLAG_PSCI_RESET2 */
}

/* Refused: the guest goes on behind its call. Kernels before 5.19 refuse by themselves. */
static void test_suspend(void **state)
{
    (void)state;
    const int64_t denied = -3;
    guest g;
    open_exits(&g);
    guest_answer(&g, SUSPEND);
    guest_run(&g);
    void *data;
    if (guest_word_of(&g.exit, &data) == GUEST_SYNC) {
        guest_close(&g);
        skip();
    }
    assert_int_equal(g.exit.kind, ABX_EXIT_SYSTEM_EVENT);
    assert_int_equal(g.exit.system_event.event, ABX_SYSTEM_SUSPEND);
    assert_int_equal(guest_register(&g, ABX_ARM64_X(1)), 0x1234);
    assert_int_equal(guest_register(&g, ABX_ARM64_X(2)), 0x5678);
    assert_ok(abx_vcpu_write_register(g.vcpu, ABX_ARM64_X(0), (uint64_t)denied));
    guest_expect_sync(&g, (uint32_t)denied);
    guest_close(&g);
}

static void test_version(void **state)
{
    (void)state;
    guest g;
    open_exits(&g);
    guest_answer(&g, VERSION);
    guest_run(&g);
    void *data;
    assert_int_equal(guest_word_of(&g.exit, &data), GUEST_SYNC);
    uint32_t version;
    memcpy(&version, data, sizeof(version));
    assert_in_range(version, 0x10000, 0x1ffff); /* 1.x */
    guest_close(&g);
}

/* The processor sleeps in the kernel, and a kick wakes it. */
static void test_sleep(void **state)
{
    (void)state;
    guest g;
    open_exits(&g);
    guest_answer(&g, SLEEP);
    abx_vcpu_kick(g.vcpu);
    guest_run_to(&g, ABX_EXIT_INTERRUPTED);
    guest_close(&g);
}

/* Two registers at once: the caller does the work of the instruction and moves on. */
static void test_data_abort_is_emulated(void **state)
{
    (void)state;
    guest g;
    open_exits(&g);
    guest_answer(&g, PAIR);
    guest_run_to(&g, ABX_EXIT_DATA_ABORT);
    assert_int_equal(g.exit.data_abort.address, HOLE);
    assert_int_equal(g.exit.data_abort.syndrome >> 24 & 1, 0); /* ISV */
    uint32_t instruction;
    uint64_t pc = guest_register(&g, ABX_ARM64_PC);
    assert_ok(abx_memory_read(g.vm, pc, &instruction, sizeof(instruction)));
    assert_int_equal(instruction >> 22, 0x2a5); /* ldp of two X registers (C6.2.164) */
    const abx_reg names[] = { ABX_ARM64_X(instruction & 31), ABX_ARM64_X(instruction >> 10 & 31), ABX_ARM64_PC };
    const uint64_t values[] = { 0x10, 0x20, pc + 4 };
    assert_ok(abx_vcpu_write_registers(g.vcpu, names, values, 3));
    guest_expect_sync(&g, 0);
    guest_close(&g);
}

static void test_data_abort_of_a_write(void **state)
{
    (void)state;
    guest g;
    open_exits(&g);
    guest_answer(&g, POST_INDEX);
    guest_run_to(&g, ABX_EXIT_DATA_ABORT);
    assert_int_equal(g.exit.data_abort.address, HOLE);
    assert_int_equal(g.exit.data_abort.syndrome >> 6 & 1, 1); /* WnR */
    uint32_t instruction;
    uint64_t pc = guest_register(&g, ABX_ARM64_PC);
    assert_ok(abx_memory_read(g.vm, pc, &instruction, sizeof(instruction)));
    abx_reg base = ABX_ARM64_X(instruction >> 5 & 31);
    assert_int_equal(guest_register(&g, base), HOLE);
    assert_ok(abx_vcpu_write_register(g.vcpu, base, HOLE + 4));
    assert_ok(abx_vcpu_write_register(g.vcpu, ABX_ARM64_PC, pc + 4));
    guest_expect_sync(&g, 0);
    guest_close(&g);
}

/* … or gives the guest an abort. */
static void test_data_abort_is_passed_on(void **state)
{
    (void)state;
    guest g;
    open_exits(&g);
    guest_answer(&g, ABORTED);
    guest_run_to(&g, ABX_EXIT_DATA_ABORT);
    const abx_arm64_events events = { .data_abort_pending = true };
    assert_ok(abx_arm64_set_events(g.vcpu, &events));
    guest_expect_sync(&g, 0);
    guest_close(&g);
}

/* Code where there is no memory: the kernel gives the guest an abort by itself. */
static void test_instruction_abort(void **state)
{
    (void)state;
    guest g;
    open_exits(&g);
    guest_answer(&g, NOWHERE);
    guest_expect_sync(&g, 0);
    guest_close(&g);
}

/* With a filter in the kernel calls to the manufacturer come out; without it the kernel answers that it does not know.
 */
static void test_hypercall(void **state)
{
    (void)state;
    guest g;
    open_exits(&g);
    bool filtered = abx_hypervisor_has(g.hypervisor, ABX_CAP_HYPERCALL_EXITS);
    guest_answer(&g, HYPERCALL);
    guest_expect_sync(&g, UINT32_MAX);
    guest_close(&g);

    abx_vm_config config = guest_config();
    config.hypercall_exits = true;
    if (!filtered) {
        abx_hypervisor *hypervisor;
        abx_vm *vm;
        assert_ok(abx_hypervisor_open(&hypervisor, backend_under_test, NULL));
        assert_status(abx_vm_create(&vm, hypervisor, &config), ABX_ERR_CONFIG);
        abx_hypervisor_close(hypervisor);
        print_message("this host's kernel has no SMCCC filter: that it is refused is all that was tested\n");
        skip();
    }
    guest_open(&g, "exits", &config);
    guest_answer(&g, HYPERCALL);
    guest_run_to(&g, ABX_EXIT_HYPERCALL);
    assert_int_equal(g.exit.hypercall.number, 0xc3000001);
    assert_int_equal(g.exit.hypercall.arguments[0], 0x1111);
    assert_int_equal(g.exit.hypercall.arguments[1], 0x2222);
    assert_int_equal(g.exit.hypercall.arguments[2], 0x3333);
    *g.exit.hypercall.result = 42;
    guest_expect_sync(&g, 42);
    guest_close(&g);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_power_off),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_suspend),
        cmocka_unit_test(test_version),
        cmocka_unit_test(test_sleep),
        cmocka_unit_test(test_data_abort_is_emulated),
        cmocka_unit_test(test_data_abort_of_a_write),
        cmocka_unit_test(test_data_abort_is_passed_on),
        cmocka_unit_test(test_instruction_abort),
        cmocka_unit_test(test_hypercall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
