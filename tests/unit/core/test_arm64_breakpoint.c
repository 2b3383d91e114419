/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"

#include "arm64_breakpoint.h"

/* Fields of DBGBCR<n>_EL1 and DBGWCR<n>_EL1. */
static uint64_t enabled(uint64_t control)
{
    return control & 1;
}

static uint64_t levels(uint64_t control)
{
    return control >> 1 & 3;
}

static uint64_t accesses(uint64_t control)
{
    return control >> 3 & 3;
}

static uint64_t bytes(uint64_t control)
{
    return control >> 5 & 0xff;
}

static void instructions(void **state)
{
    (void)state;
    const abx_breakpoint point = { .kind = ABX_BREAK_EXECUTE, .length = 1, .address = 0xffff000012345678 };
    const abx_arm64_breakpoint encoded = abx_arm64_breakpoint_encode(&point);
    assert_false(encoded.watches);
    assert_int_equal(encoded.value, 0xffff000012345678);
    assert_int_equal(enabled(encoded.control), 1);
    assert_int_equal(levels(encoded.control), 3);
    assert_int_equal(bytes(encoded.control), 0xf);
    assert_int_equal(encoded.control >> 9, 0);
}

/* The address register has the doubleword, and a mask says which bytes of it are meant. */
static void data(void **state)
{
    (void)state;
    static const struct {
        uint64_t address;
        uint8_t length;
        uint64_t value, mask;
    } cases[] = {
        { 0x1000, 1, 0x1000, 0x01 }, { 0x1003, 1, 0x1000, 0x08 }, { 0x1006, 2, 0x1000, 0xc0 },
        { 0x1004, 4, 0x1000, 0xf0 }, { 0x1008, 8, 0x1008, 0xff }, { 0x100f, 1, 0x1008, 0x80 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int reads = 0; reads < 2; reads++) {
            const abx_breakpoint point = { .kind = reads ? ABX_BREAK_ACCESS : ABX_BREAK_WRITE,
                                           .length = cases[i].length,
                                           .address = cases[i].address };
            const abx_arm64_breakpoint encoded = abx_arm64_breakpoint_encode(&point);
            assert_true(encoded.watches);
            assert_int_equal(encoded.value, cases[i].value);
            assert_int_equal(enabled(encoded.control), 1);
            assert_int_equal(levels(encoded.control), 3);
            assert_int_equal(accesses(encoded.control), reads ? 3 : 2);
            assert_int_equal(bytes(encoded.control), cases[i].mask);
            assert_int_equal(encoded.control >> 13, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(instructions), cmocka_unit_test(data) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
