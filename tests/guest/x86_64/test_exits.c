/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Every exit that a guest of the kvm backend can be brought to, with its details. */
#include "exits.h"
#include "harness.h"

#include <string.h>

static void open_exits(guest *g, const abx_vm_config *config)
{
    guest_open(g, "exits", config);
}

static void test_halt(void **state)
{
    (void)state;
    guest g;
    open_exits(&g, NULL);
    guest_answer(&g, HALT);
    guest_run_to(&g, ABX_EXIT_HALT);
    guest_expect_sync(&g, 0);
    guest_close(&g);
}

static void test_triple_fault(void **state)
{
    (void)state;
    guest g;
    open_exits(&g, NULL);
    guest_answer(&g, TRIPLE_FAULT);
    guest_run_to(&g, ABX_EXIT_SHUTDOWN);
    guest_close(&g);
}

static void test_msrs(void **state)
{
    (void)state;
    abx_vm_config config = guest_config();
    config.msr_exits = true;
    guest g;
    open_exits(&g, &config);

    guest_answer(&g, MSR_READ);
    guest_run_to(&g, ABX_EXIT_MSR_READ);
    assert_int_equal(g.exit.msr.index, 0x4f4f0001);
    *g.exit.msr.data = 0x1122334455667788;
    guest_expect_sync(&g, 0);

    guest_answer(&g, MSR_WRITE);
    guest_run_to(&g, ABX_EXIT_MSR_WRITE);
    assert_int_equal(g.exit.msr.index, 0x4f4f0002);
    assert_int_equal(*g.exit.msr.data, 0x8877665544332211);
    guest_expect_sync(&g, 0);

    guest_answer(&g, MSR_REFUSED);
    guest_run_to(&g, ABX_EXIT_MSR_READ);
    *g.exit.msr.error = 1;
    guest_expect_sync(&g, 0);
    guest_close(&g);
}

static void test_trapped_msrs(void **state)
{
    (void)state;
    abx_vm_config config = guest_config();
    config.msr_exits = true;
    guest g;
    guest_load(&g, "exits", &config);
    assert_ok(abx_x86_trap_msrs(g.vm, 0x4f4f0002, 1, false, true));
    assert_ok(abx_vcpu_create(&g.vcpu, g.vm, 0));
    guest_enter(&g, g.vcpu);
    assert_ok(abx_vm_start(g.vm));
    guest_answer(&g, MSR_WRITE);
    guest_run_to(&g, ABX_EXIT_MSR_WRITE);
    assert_int_equal(g.exit.msr.index, 0x4f4f0002);
    guest_expect_sync(&g, 0);
    guest_close(&g);
}

static void test_hypercall(void **state)
{
    (void)state;
    require_hardware("keeps vmmcall to itself");
    abx_vm_config config = guest_config();
    config.hypercall_exits = true;
    guest g;
    open_exits(&g, &config);
    guest_answer(&g, HYPERCALL);
    guest_run_to(&g, ABX_EXIT_HYPERCALL);
    assert_int_equal(g.exit.hypercall.number, 12);
    assert_int_equal(g.exit.hypercall.arguments[0], 0x200000);
    assert_int_equal(g.exit.hypercall.arguments[1], 16);
    assert_int_equal(g.exit.hypercall.arguments[2], 1);
    *g.exit.hypercall.result = 42;
    guest_expect_sync(&g, 0);
    guest_close(&g);
}

/* Code where there is no memory: the kernel cannot fetch it and gives up. */
static void test_internal_error(void **state)
{
    (void)state;
    guest g;
    open_exits(&g, NULL);
    guest_answer(&g, NOWHERE);
    guest_run_to(&g, ABX_EXIT_INTERNAL_ERROR);
    assert_int_equal(g.exit.internal_error.suberror, 1);
    char text[256];
    assert_in_range(abx_exit_describe(&g.exit, text, sizeof(text)), 1, sizeof(text) - 1);
    assert_non_null(strstr(text, "internal"));
    guest_close(&g);
}

/* An access to memory-mapped I/O by an instruction that the kernel does not know: its bytes come along. */
static void test_instruction_that_is_not_emulated(void **state)
{
    (void)state;
    static const uint8_t fldl[] = { 0xdd, 0x07 };
    guest g;
    open_exits(&g, NULL);
    guest_answer(&g, NOT_EMULATED);
    guest_run_to(&g, ABX_EXIT_INTERNAL_ERROR);
    assert_int_equal(g.exit.internal_error.suberror, 1);
    assert_in_range(g.exit.internal_error.instruction_size, sizeof(fldl), sizeof(g.exit.internal_error.instruction));
    assert_memory_equal(g.exit.internal_error.instruction, fldl, sizeof(fldl));
    char text[256];
    abx_exit_describe(&g.exit, text, sizeof(text));
    assert_non_null(strstr(text, "instruction: dd 07"));
    guest_close(&g);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_halt),
        cmocka_unit_test(test_triple_fault),
        cmocka_unit_test(test_msrs),
        cmocka_unit_test(test_trapped_msrs),
        cmocka_unit_test(test_hypercall),
        cmocka_unit_test(test_internal_error),
        cmocka_unit_test(test_instruction_that_is_not_emulated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
