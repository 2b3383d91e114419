/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "boot_test.h"

#include "boot/place.h"

static const abx_guest_map map = { .count = 5,
                                   .entries = {
                                       { 0, 0x9fc00, ABX_GUEST_MAP_RAM },
                                       { 0x9fc00, 0x60400, ABX_GUEST_MAP_RESERVED },
                                       { 0x100000, 0x1f00000, ABX_GUEST_MAP_RAM }, /* up to 32 MiB */
                                       { 0x8000000, 0x100000, ABX_GUEST_MAP_RESERVED },
                                       { 0x100000000, 0x10000000, ABX_GUEST_MAP_RAM },
                                   } };

static void assert_high(uint64_t length, abx_gpa limit, abx_gpa taken, abx_gpa taken_end, abx_gpa expected)
{
    abx_gpa place = 1;
    const abx_range range = { taken, taken_end };
    bool found = abx_place_high(&map, length, (abx_range){ 0x100000, limit }, &range, 1, &place);
    assert_int_equal(found, expected != 0);
    assert_int_equal(place, found ? expected : 1);
}

static void test_high(void **state)
{
    (void)state;
    assert_high(0x1000, UINT64_MAX, 0, 0, 0x10ffff000);
    assert_high(1, UINT64_MAX, 0, 0, 0x10ffff000);
    assert_high(0x1001, UINT64_MAX, 0, 0, 0x10fffe000);
    assert_high(0x1000, 0x100000000, 0, 0, 0x1fff000);
    assert_high(0x1000, 0x80000000, 0x1000000, 0x1800000, 0x1fff000);
    assert_high(0x900000, 0x80000000, 0x1000000, 0x1800000, 0x700000); /* below the kernel */
    assert_high(0xf00000, 0x80000000, 0x1000000, 0x1800000, 0x100000); /* exactly */
    assert_high(0xf00001, 0x80000000, 0x1000000, 0x1800000, 0);
    assert_high(0x800000, 0x80000000, 0x1000000, 0x1800000, 0x1800000);
    assert_high(0x1000, 0x1fff800, 0, 0, 0x1ffe000); /* a limit within a page */
    assert_high(0x1000, 0x1000, 0, 0, 0);
    assert_high(UINT64_MAX, UINT64_MAX, 0, 0, 0);
}

static void test_high_around_several(void **state)
{
    (void)state;
    static const abx_range taken[] = { { 0x1f00000, 0x1f80000 }, { 0x1fc0000, 0x2000000 }, { 0, 0 } };
    const abx_range room = { 0x100000, 0x80000000 };
    abx_gpa place;
    assert_true(abx_place_high(&map, 0x1000, room, taken, 3, &place));
    assert_int_equal(place, 0x1fbf000);
    assert_true(abx_place_high(&map, 0x40000, room, taken, 3, &place)); /* exactly between them */
    assert_int_equal(place, 0x1f80000);
    assert_true(abx_place_high(&map, 0x40001, room, taken, 3, &place));
    assert_int_equal(place, 0x1ebf000 & ~0xfff);
    assert_true(abx_place_high(&map, 0x1e00000, room, taken, 3, &place));
    assert_int_equal(place, 0x100000);
    assert_false(abx_place_high(&map, 0x1e00001, room, taken, 3, &place));
}

static void assert_low(uint64_t length, abx_gpa from, abx_gpa expected)
{
    abx_gpa place = 1;
    bool found = abx_place_low(&map, length, (abx_range){ from, 1ull << 32 }, &place);
    assert_int_equal(found, expected != 0);
    assert_int_equal(place, found ? expected : 1);
}

static void test_low(void **state)
{
    (void)state;
    assert_low(0x1000, 0x9fc00, 0x100000);
    assert_low(0x1000, 0x1000, 0x1000);
    assert_low(0x1000, 0x123456, 0x124000);
    assert_low(0x1f00000, 0x100000, 0x100000);
    assert_low(0x1f00001, 0x100000, 0); /* not above 4 GiB */
    assert_low(0x1000, 0x1fff001, 0);
    assert_low(UINT64_MAX, 0x1000, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_high), cmocka_unit_test(test_high_around_several),
                                        cmocka_unit_test(test_low) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
