/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Debugging the guest from outside: single step, breakpoints, watchpoints. */
#include "harness.h"

enum { START = ABX_ARM64_RAM, STORE = START + 16, WATCHED = 0x40200000 };

/* Exception classes (DDI 0487, EC of ESR_ELx), from a lower exception level. */
enum { EC_BREAKPOINT = 0x30, EC_STEP = 0x32, EC_WATCHPOINT = 0x34 };

static void open_debug(guest *g)
{
    guest_open(g, "debug", NULL);
}

static void expect_debug(guest *g, unsigned class, uint64_t pc)
{
    guest_run_to(g, ABX_EXIT_DEBUG);
    assert_int_equal(g->exit.debug.syndrome >> 26, class);
    assert_int_equal(g->exit.debug.pc, pc);
    assert_int_equal(guest_register(g, ABX_ARM64_PC), pc);
}

static void test_single_step(void **state)
{
    (void)state;
    static const uint64_t path[] = { START + 4, START + 8, START + 12, START + 16, START + 20, START, START + 4 };
    guest g;
    open_debug(&g);
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.single_step = true;
    assert_ok(abx_vcpu_set_debug(g.vcpu, &config));
    for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++)
        expect_debug(&g, EC_STEP, path[i]);
    guest_close(&g);
}

static void expect_running(guest *g)
{
    assert_ok(abx_vcpu_set_debug(g->vcpu, NULL));
    abx_vcpu_kick(g->vcpu);
    guest_run_to(g, ABX_EXIT_INTERRUPTED);
}

static void test_breakpoint(void **state)
{
    (void)state;
    guest g;
    open_debug(&g);
    const abx_breakpoint breakpoint = { .address = STORE, .length = 1, .kind = ABX_BREAK_EXECUTE };
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.breakpoints = &breakpoint;
    config.breakpoint_count = 1;
    assert_ok(abx_vcpu_set_debug(g.vcpu, &config));
    expect_debug(&g, EC_BREAKPOINT, STORE);
    assert_int_equal(guest_register(&g, ABX_ARM64_X(0)), 2);
    /* Before the instruction: without going on it stays there. */
    expect_debug(&g, EC_BREAKPOINT, STORE);
    expect_running(&g);
    guest_close(&g);
}

static void test_watchpoint(void **state)
{
    (void)state;
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
    /* Watchpoints come before the access (D2.10). */
    expect_debug(&g, EC_WATCHPOINT, STORE);
    assert_int_equal(g.exit.debug.address, WATCHED);
    uint64_t written;
    assert_ok(abx_memory_load(g.vm, WATCHED, 4, &written));
    assert_int_equal(written, 0);
    expect_running(&g);
    guest_close(&g);
}

static void test_faults(void **state)
{
    (void)state;
    guest g;
    open_debug(&g);
    abx_breakpoint breakpoints[33] = { { .address = START, .length = 1 } };
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.breakpoints = breakpoints;
    config.breakpoint_count = abx_hypervisor_capabilities(g.hypervisor)->breakpoints + 1;
    assert_in_range(config.breakpoint_count, 2, 33);
    for (size_t i = 0; i < 33; i++)
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
