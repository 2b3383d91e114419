/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "darwin/hvf/clock.h"
#include "rig.h"

enum { FREQUENCY = 24000000 };

static void sleep_is_what_one_clock_missed(void **state)
{
    (void)state;
    assert_int_equal(abx_clock_slept(1000, 400), 600);
    assert_int_equal(abx_clock_slept(400, 400), 0);
    assert_int_equal(abx_clock_slept(400, 410), 0); /* the second reading came later */
}

static void short_differences_are_none(void **state)
{
    (void)state;
    assert_false(abx_clock_has_slept(100, 100, 10));
    assert_false(abx_clock_has_slept(110, 100, 10));
    assert_true(abx_clock_has_slept(111, 100, 10));
    assert_false(abx_clock_has_slept(50, 100, 10));
}

static void the_count_includes_the_sleep(void **state)
{
    (void)state;
    uint64_t absolute = 5000, offset = 4000;
    uint64_t moved = abx_clock_move(offset, 700, 100);
    assert_int_equal(absolute - moved, absolute - offset + 600);
    /* Offsets wrap around: a guest may have slept for longer than the host has run. */
    moved = abx_clock_move(100, 1000, 0);
    assert_int_equal(absolute - moved, 5900);
}

static void ticks_have_a_frequency(void **state)
{
    (void)state;
    assert_int_equal(abx_clock_frequency(125, 3), FREQUENCY);
    assert_int_equal(abx_clock_frequency(1, 1), 1000000000);
    assert_int_equal(abx_clock_frequency(0, 1), 0);
    assert_int_equal(abx_clock_frequency(1, 0), 0);
    assert_int_equal(abx_clock_frequency(1, UINT32_MAX), 0); /* too fast to be true */
}

static void ticks_are_nanoseconds(void **state)
{
    (void)state;
    assert_int_equal(abx_clock_nanoseconds(0, FREQUENCY), 0);
    assert_int_equal(abx_clock_nanoseconds(3, FREQUENCY), 125);
    assert_int_equal(abx_clock_nanoseconds(FREQUENCY * UINT64_C(86400) * 365, FREQUENCY),
                     UINT64_C(86400) * 365 * 1000000000);
}

int main(void)
{
#define CASE(name) cmocka_unit_test(name)
    const struct CMUnitTest tests[] = {
        CASE(sleep_is_what_one_clock_missed), CASE(short_differences_are_none), CASE(the_count_includes_the_sleep),
        CASE(ticks_have_a_frequency),         CASE(ticks_are_nanoseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
