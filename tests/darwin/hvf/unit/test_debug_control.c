/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

#define REG(crm, op2) ABX_ARM64_SYSREG_NUMBER(2, 0, 0, crm, op2)
enum { BVR = 4, BCR, WVR, WCR };

static void points_are_encoded(void **state)
{
    (void)state;
    static const abx_breakpoint points[] = {
        { .address = 0xffff800008001002, .length = 1, .kind = ABX_BREAK_EXECUTE },
        { .address = 0x1004, .length = 4, .kind = ABX_BREAK_WRITE },
        { .address = 0x2000, .length = 8, .kind = ABX_BREAK_ACCESS },
        { .address = 0x1003, .length = 1, .kind = ABX_BREAK_ACCESS },
    };
    abx_debug_config config = ABX_DEBUG_CONFIG_INIT;
    config.breakpoints = points;
    config.breakpoint_count = 4;
    abx_debug_registers r = abx_debug_encode(&config);
    assert_int_equal(r.mdscr, 1u << 15);
    assert_int_equal(r.bvr[0], 0xffff800008001000);
    assert_int_equal(r.bcr[0], 0x1e7);
    assert_int_equal(r.wvr[0], 0x1000);
    assert_int_equal(r.wcr[0], 0xf0u << 5 | 2u << 3 | 7);
    assert_int_equal(r.wcr[1], 0xffu << 5 | 3u << 3 | 7);
    assert_int_equal(r.wvr[2], 0x1000);
    assert_int_equal(r.wcr[2], 0x08u << 5 | 3u << 3 | 7);
    assert_int_equal(r.bcr[1], 0);
    config = (abx_debug_config){ .single_step = true };
    assert_int_equal(abx_debug_encode(&config).mdscr, 1);
}

static void registers_are_found_by_number(void **state)
{
    (void)state;
    abx_debug_registers r;
    assert_ptr_equal(abx_debug_register(&r, ABX_SYSREG_MDSCR_EL1), &r.mdscr);
    assert_ptr_equal(abx_debug_register(&r, REG(0, BVR)), &r.bvr[0]);
    assert_ptr_equal(abx_debug_register(&r, REG(15, BCR)), &r.bcr[15]);
    assert_ptr_equal(abx_debug_register(&r, REG(3, WVR)), &r.wvr[3]);
    assert_ptr_equal(abx_debug_register(&r, REG(3, WCR)), &r.wcr[3]);
    assert_null(abx_debug_register(&r, REG(2, 0)));
    assert_null(abx_debug_register(&r, ABX_ARM64_SYSREG_NUMBER(2, 0, 1, 1, 4)));
    assert_null(abx_debug_register(&r, ABX_ARM64_SYSREG_NUMBER(3, 0, 0, 0, 4)));
}

int main(void)
{
#define CASE(name) cmocka_unit_test(name)
    const struct CMUnitTest tests[] = {
        CASE(points_are_encoded),
        CASE(registers_are_found_by_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
