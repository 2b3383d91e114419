/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/x86_64/debug_control.h"

#include "cmocka_kvm.h"

static void ends_with_null(void **state)
{
    (void)state;
    assert_int_equal(abx_debug_encode(NULL).control, 0);
}

static void an_empty_configuration_debugs_nothing(void **state)
{
    (void)state;
    const abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    assert_int_equal(abx_debug_encode(&config).control, 0);
}

static void encodes_steps_and_software_breakpoints(void **state)
{
    (void)state;
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.single_step = true;
    assert_int_equal(abx_debug_encode(&config).control, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP);
    config.single_step = false;
    config.software_breakpoints = true;
    assert_int_equal(abx_debug_encode(&config).control, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP);
}

static void encodes_four_breakpoints(void **state)
{
    (void)state;
    const abx_breakpoint breakpoints[] = {
        { 0x1001, 1, ABX_BREAK_EXECUTE },
        { 0x2002, 2, ABX_BREAK_WRITE },
        { 0x3004, 4, ABX_BREAK_ACCESS },
        { 0xffffffff80000008, 8, ABX_BREAK_WRITE },
    };
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.breakpoints = breakpoints;
    config.breakpoint_count = 4;
    const struct kvm_guest_debug debug = abx_debug_encode(&config);
    assert_int_equal(debug.control, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(debug.arch.debugreg[i], breakpoints[i].address);
    /* From bit 16 on, a digit each, LEN above R/W: 0000, 0101, 1111, 1001. G0 to G3 are bits 1, 3, 5, 7. */
    assert_int_equal(debug.arch.debugreg[7], 0x9f500000 | 0x700 | 0xaa);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_with_null),
        cmocka_unit_test(an_empty_configuration_debugs_nothing),
        cmocka_unit_test(encodes_steps_and_software_breakpoints),
        cmocka_unit_test(encodes_four_breakpoints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
