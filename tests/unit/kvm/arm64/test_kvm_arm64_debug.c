/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Single step, breakpoints and watchpoints. */
#include "arm64_guest.h"

static arm64_guest guest;

/* Exception classes (DDI 0487, D19.2: ESR_ELx.EC). */
enum { EC_BREAKPOINT = 0x30, EC_STEP = 0x32, EC_WATCHPOINT = 0x34, EC_BRK = 0x3c };
enum { DATA = 0x800 };

GUEST(code, "mov x2, #1\n mov x2, #2\n mov x2, #3\n ldr x4, [x3]\n str x2, [x3]\n brk #7\n str x2, [x1]");

static void expect_stop(unsigned int class, uint64_t offset)
{
    guest_run_to(&guest, ABX_EXIT_DEBUG);
    assert_int_equal(guest.exit.debug.syndrome >> 26, class);
    assert_int_equal(guest.exit.debug.pc, ABX_ARM64_RAM + offset);
    assert_int_equal(guest_get(&guest, ABX_ARM64_PC), ABX_ARM64_RAM + offset);
}

static void begin(const abx_debug_config *config)
{
    guest_open(&guest, NULL, code);
    guest_set(&guest, ABX_ARM64_X(3), ABX_ARM64_RAM + DATA);
    assert_ok(abx_vcpu_set_debug(guest.vcpu, config));
    guest_start(&guest);
}

static void step_by_step(void **state)
{
    (void)state;
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.single_step = true;
    begin(&config);
    for (uint64_t i = 1; i < 4; i++) {
        expect_stop(EC_STEP, 4 * i);
        assert_int_equal(guest_get(&guest, ABX_ARM64_X(2)), i);
    }
    guest_close(&guest);
}

static void breakpoints_and_watchpoints(void **state)
{
    (void)state;
    const abx_breakpoint points[] = { { ABX_ARM64_RAM + 8, 1, ABX_BREAK_EXECUTE },
                                      { ABX_ARM64_RAM + DATA, 4, ABX_BREAK_WRITE } };
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.breakpoints = points;
    config.breakpoint_count = 2;
    begin(&config);
    expect_stop(EC_BREAKPOINT, 8);
    /* The load does not count; stopped before the store. */
    config.breakpoints = &points[1];
    config.breakpoint_count = 1;
    assert_ok(abx_vcpu_set_debug(guest.vcpu, &config));
    expect_stop(EC_WATCHPOINT, 16);
    assert_int_equal(guest.exit.debug.address, ABX_ARM64_RAM + DATA);
    guest_close(&guest);
}

static void loads_are_watched_if_they_are_asked_for(void **state)
{
    (void)state;
    const abx_breakpoint point = { ABX_ARM64_RAM + DATA, 8, ABX_BREAK_ACCESS };
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.breakpoints = &point;
    config.breakpoint_count = 1;
    begin(&config);
    expect_stop(EC_WATCHPOINT, 12);
    guest_close(&guest);
}

static void breakpoint_instructions_come_out(void **state)
{
    (void)state;
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.software_breakpoints = true;
    begin(&config);
    expect_stop(EC_BRK, 20);
    assert_int_equal(guest.exit.debug.syndrome & 0xffff, 7);
    guest_set(&guest, ABX_ARM64_PC, ABX_ARM64_RAM + 24);
    assert_ok(abx_vcpu_set_debug(guest.vcpu, NULL));
    guest_expect(&guest, 3);
    guest_close(&guest);
}

static void as_many_as_are_reported(void **state)
{
    (void)state;
    abx_breakpoint points[32];
    begin(NULL);
    uint32_t most = abx_hypervisor_capabilities(guest.hypervisor)->breakpoints;
    assert_in_range(most, 2, 16);
    for (uint32_t i = 0; i <= most; i++)
        points[i] = (abx_breakpoint){ ABX_ARM64_RAM + DATA + 8 * i, 8, ABX_BREAK_ACCESS };
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.breakpoints = points;
    config.breakpoint_count = most + 1;
    assert_status(abx_vcpu_set_debug(guest.vcpu, &config), ABX_ERR_LIMIT);
    config.breakpoint_count = most;
    assert_ok(abx_vcpu_set_debug(guest.vcpu, &config));
    guest_set(&guest, ABX_ARM64_X(3), ABX_ARM64_RAM + DATA + 8 * (most - 1));
    expect_stop(EC_WATCHPOINT, 12);
    guest_close(&guest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_by_step),
        cmocka_unit_test(breakpoints_and_watchpoints),
        cmocka_unit_test(loads_are_watched_if_they_are_asked_for),
        cmocka_unit_test(breakpoint_instructions_come_out),
        cmocka_unit_test(as_many_as_are_reported),
    };
    require_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
