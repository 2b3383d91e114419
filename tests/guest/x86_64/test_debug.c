/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Debugging the guest from outside: single step, breakpoints, watchpoints. */
#include "harness.h"

enum { START = 0x100000, WATCHED = 0x200000 };

static void open_debug(guest *g)
{
    guest_open(g, "debug", NULL);
}

static void test_single_step(void **state)
{
    (void)state;
    static const uint64_t path[] = { START + 2, START + 4, START + 6, START + 17, START + 19, START, START + 2 };
    guest g;
    open_debug(&g);
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.single_step = true;
    assert_ok(abx_vcpu_set_debug(g.vcpu, &config));
    for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
        guest_run_to(&g, ABX_EXIT_DEBUG);
        assert_int_equal(g.exit.debug.pc, path[i]);
        assert_int_equal(g.exit.debug.exception, 1);
        assert_true(g.exit.debug.dr6 & ABX_DEBUG_DR6_SINGLE_STEP);
        assert_int_equal(guest_register(&g, ABX_X86_RIP), path[i]);
    }
    guest_close(&g);
}

static void test_breakpoint(void **state)
{
    (void)state;
    guest g;
    open_debug(&g);
    const abx_breakpoint breakpoint = { .address = START + 17, .length = 1, .kind = ABX_BREAK_EXECUTE };
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.breakpoints = &breakpoint;
    config.breakpoint_count = 1;
    assert_ok(abx_vcpu_set_debug(g.vcpu, &config));
    guest_run_to(&g, ABX_EXIT_DEBUG);
    assert_int_equal(g.exit.debug.pc, START + 17);
    assert_true(g.exit.debug.dr6 & ABX_DEBUG_DR6_BREAKPOINT(0));
    assert_int_equal(guest_register(&g, ABX_X86_RAX), 2);

    /* Without it the guest is not held up any more. */
    assert_ok(abx_vcpu_set_debug(g.vcpu, NULL));
    abx_vcpu_kick(g.vcpu);
    guest_run_to(&g, ABX_EXIT_INTERRUPTED);
    guest_close(&g);
}

static void test_watchpoint(void **state)
{
    (void)state;
    require_hardware("watches no data");
    guest g;
    open_debug(&g);
    const abx_breakpoint watchpoints[] = {
        { .address = WATCHED + 64, .length = 8, .kind = ABX_BREAK_ACCESS },
        { .address = WATCHED, .length = 4, .kind = ABX_BREAK_WRITE },
    };
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.breakpoints = watchpoints;
    config.breakpoint_count = 2;
    assert_ok(abx_vcpu_set_debug(g.vcpu, &config));
    for (int i = 0; i < 3; i++) {
        guest_run_to(&g, ABX_EXIT_DEBUG);
        /* Data breakpoints come after the access (SDM vol. 3, 17.3.1.2). */
        assert_int_equal(g.exit.debug.pc, START + 17);
        assert_true(g.exit.debug.dr6 & ABX_DEBUG_DR6_BREAKPOINT(1));
    }
    guest_close(&g);
}

static void test_faults(void **state)
{
    (void)state;
    guest g;
    open_debug(&g);
    abx_breakpoint breakpoints[8] = { { .address = START, .length = 1 } };
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.breakpoints = breakpoints;
    config.breakpoint_count = abx_hypervisor_capabilities(g.hypervisor)->breakpoints + 1;
    for (size_t i = 0; i < 8; i++)
        breakpoints[i] = breakpoints[0];
    assert_status(abx_vcpu_set_debug(g.vcpu, &config), ABX_ERR_LIMIT);
    config.breakpoint_count = 1;
    breakpoints[0].length = 4;
    assert_status(abx_vcpu_set_debug(g.vcpu, &config), ABX_ERR_INVALID);
    breakpoints[0] = (abx_breakpoint){ .address = WATCHED + 1, .length = 4, .kind = ABX_BREAK_WRITE };
    assert_status(abx_vcpu_set_debug(g.vcpu, &config), ABX_ERR_INVALID);
    guest_close(&g);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single_step),
        cmocka_unit_test(test_breakpoint),
        cmocka_unit_test(test_watchpoint),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
