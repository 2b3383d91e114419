/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "devices/primecell.h"

static void the_last_registers_say_what_it_is(void **state)
{
    (void)state;
    /* DDI 0183, tables 3-19 to 3-26, for revision 1. */
    static const uint32_t pl011[] = { 0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };
    for (uint64_t i = 0; i < 8; i++)
        assert_int_equal(abx_primecell_id(0x011, 1, 0xfe0 + 4 * i), pl011[i]);
    assert_int_equal(abx_primecell_id(0x031, 0, 0xfe0), 0x31);
    assert_int_equal(abx_primecell_id(0x031, 0, 0xfe8), 0x04);
    assert_int_equal(abx_primecell_id(0xabc, 0, 0xfe4), 0x1a);
}

static void between_them_there_is_nothing(void **state)
{
    (void)state;
    assert_int_equal(abx_primecell_id(0x011, 1, 0xfe1), 0);
    assert_int_equal(abx_primecell_id(0x011, 1, 0x1000), 0);
    assert_int_equal(abx_primecell_id(0x011, 1, UINT64_MAX), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_registers_say_what_it_is),
        cmocka_unit_test(between_them_there_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
