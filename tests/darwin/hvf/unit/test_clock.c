/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "darwin/hvf/clock.h"
#include "rig.h"

enum { FREQUENCY = 24000000, SECOND = FREQUENCY };

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
        cmocka_unit_test(a_clock_begins_at_zero_and_follows),
        cmocka_unit_test(a_clock_goes_on_through_sleep),
        cmocka_unit_test(jitter_moves_nothing),
        cmocka_unit_test(a_count_can_be_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
