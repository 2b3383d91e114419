/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/arm64/debug_control.h"

#include "cmocka_kvm.h"

#include <string.h>

static void nothing_is_nothing(void **state)
{
    (void)state;
    const struct kvm_guest_debug zero = { 0 };
    const abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    struct kvm_guest_debug debug = abx_debug_encode(NULL);
    assert_memory_equal(&debug, &zero, sizeof(zero));
    debug = abx_debug_encode(&config);
    assert_memory_equal(&debug, &zero, sizeof(zero));
}

static void kinds_have_registers_of_their_own(void **state)
{
    (void)state;
    const abx_breakpoint points[] = { { 0xffff000000001004, 1, ABX_BREAK_EXECUTE },
                                      { 0x2004, 4, ABX_BREAK_WRITE },
                                      { 0x3000, 8, ABX_BREAK_ACCESS },
                                      { 0x4007, 1, ABX_BREAK_ACCESS },
                                      { 0x1008, 1, ABX_BREAK_EXECUTE } };
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.breakpoints = points;
    config.breakpoint_count = 5;
    const struct kvm_guest_debug debug = abx_debug_encode(&config);
    assert_int_equal(debug.control, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW);
    assert_int_equal(debug.arch.dbg_bvr[0], 0xffff000000001004);
    assert_int_equal(debug.arch.dbg_bcr[0], 0x1e7);
    assert_int_equal(debug.arch.dbg_bvr[1], 0x1008);
    assert_int_equal(debug.arch.dbg_bcr[2], 0);
    assert_int_equal(debug.arch.dbg_wvr[0], 0x2000);
    assert_int_equal(debug.arch.dbg_wcr[0], 0xf0 << 5 | 2 << 3 | 7);
    assert_int_equal(debug.arch.dbg_wvr[1], 0x3000);
    assert_int_equal(debug.arch.dbg_wcr[1], 0xff << 5 | 3 << 3 | 7);
    assert_int_equal(debug.arch.dbg_wvr[2], 0x4000);
    assert_int_equal(debug.arch.dbg_wcr[2], 0x80 << 5 | 3 << 3 | 7);
    assert_int_equal(debug.arch.dbg_wcr[3], 0);
}

static void steps_and_instructions(void **state)
{
    (void)state;
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.single_step = true;
    assert_int_equal(abx_debug_encode(&config).control, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP);
    config.software_breakpoints = true;
    assert_int_equal(abx_debug_encode(&config).control,
                     KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP | KVM_GUESTDBG_USE_SW_BP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_nothing),
        cmocka_unit_test(kinds_have_registers_of_their_own),
        cmocka_unit_test(steps_and_instructions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
