/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "darwin/hvf/clock.h"
#include "rig.h"

enum { FREQUENCY = 24000000, SECOND = FREQUENCY };

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

static void a_clock_begins_at_zero_and_follows(void **state)
{
    (void)state;
    abx_hvf_clock clock;
    fake_reset();
    abx_hvf_clock_init(&clock, FREQUENCY);
    assert_int_equal(abx_hvf_clock_count(&clock), 0);
    fake.absolute += SECOND;
    fake.continuous += SECOND;
    assert_int_equal(abx_hvf_clock_count(&clock), SECOND);
    assert_false(abx_hvf_clock_check(&clock));
    abx_hvf_clock_end(&clock);
}

static void a_clock_goes_on_through_sleep(void **state)
{
    (void)state;
    abx_hvf_clock clock;
    fake_reset();
    abx_hvf_clock_init(&clock, FREQUENCY);
    fake.absolute += SECOND;
    fake.continuous += SECOND * 3601ull; /* an hour asleep */
    assert_true(abx_hvf_clock_check(&clock));
    assert_false(abx_hvf_clock_check(&clock));
    assert_int_equal(abx_hvf_clock_count(&clock), SECOND * 3601ull);
    fake.continuous += SECOND;
    assert_int_equal(abx_hvf_clock_count(&clock), SECOND * 3602ull);
    abx_hvf_clock_end(&clock);
}

static void jitter_moves_nothing(void **state)
{
    (void)state;
    abx_hvf_clock clock;
    fake_reset();
    fake.absolute_per_reading = 3000; /* each reading takes long: the difference seems smaller */
    abx_hvf_clock_init(&clock, FREQUENCY);
    uint64_t offset = atomic_load(&clock.offset);
    fake.absolute_per_reading = 0;
    fake.continuous = fake.absolute + 5000;
    assert_false(abx_hvf_clock_check(&clock));
    assert_int_equal(atomic_load(&clock.offset), offset);
    abx_hvf_clock_end(&clock);
}

static void a_count_can_be_set(void **state)
{
    (void)state;
    abx_hvf_clock clock;
    fake_reset();
    abx_hvf_clock_init(&clock, FREQUENCY);
    fake.continuous += SECOND; /* a sleep that nobody has seen yet belongs to the time before */
    abx_hvf_clock_set(&clock, 123456789);
    assert_int_equal(abx_hvf_clock_count(&clock), 123456789);
    fake.absolute += 11;
    fake.continuous += 11;
    assert_int_equal(abx_hvf_clock_count(&clock), 123456800);
    abx_hvf_clock_end(&clock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sleep_is_what_one_clock_missed),
        cmocka_unit_test(short_differences_are_none),
        cmocka_unit_test(the_count_includes_the_sleep),
        cmocka_unit_test(ticks_have_a_frequency),
        cmocka_unit_test(a_clock_begins_at_zero_and_follows),
        cmocka_unit_test(a_clock_goes_on_through_sleep),
        cmocka_unit_test(jitter_moves_nothing),
        cmocka_unit_test(a_count_can_be_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
