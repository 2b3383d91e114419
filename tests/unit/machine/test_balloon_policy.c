/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the policy does with what happens to it, by a clock of the test's. */
#include "machine_test.h"

#include "balloon_policy.h"

#define MIB UINT64_C(0x100000)

static const uint64_t MEMORY = 1024 * MIB;
static abx_balloon_policy policy;
static uint64_t now;

static int begin(void **state)
{
    (void)state;
    now = 1000;
    abx_balloon_policy_init(&policy, MEMORY, 0);
    return 0;
}

/* Whether statistics are wanted; as a caller, takes note. */
static bool asks(void)
{
    bool ask = policy.ask;
    policy.ask = false;
    return ask;
}

static void expect_quiet(void)
{
    assert_int_equal(policy.state, ABX_BALLOON_QUIET);
    assert_int_equal(policy.timer_ms, 0);
    assert_false(asks());
}

/* The timer that is set expires. */
static void expire(void)
{
    assert_true(policy.timer_ms > 0);
    now += policy.timer_ms;
    abx_balloon_policy_timer(&policy, now);
}

/* One step from the pressure on: the guest has `available` bytes, gives what is asked for, and has `left` afterwards.
 */
static void step(uint64_t available, uint64_t left)
{
    abx_balloon_policy_pressure(&policy, now);
    assert_true(asks());
    abx_balloon_policy_available(&policy, now, available);
    assert_int_equal(policy.state, ABX_BALLOON_SHRINKING);
    abx_balloon_policy_kept(&policy, now, policy.target);
    assert_int_equal(policy.state, ABX_BALLOON_SETTLING);
    expire();
    assert_true(asks());
    abx_balloon_policy_available(&policy, now, left);
}

static void nothing_happens_by_itself(void **state)
{
    (void)state;
    expect_quiet();
    assert_int_equal(policy.target, MEMORY);
    abx_balloon_policy_available(&policy, now, 512 * MIB); /* somebody else asked */
    abx_balloon_policy_available(&policy, now, 0);         /* low, but it has all there is */
    abx_balloon_policy_kept(&policy, now, MEMORY);
    expect_quiet();
    assert_int_equal(policy.target, MEMORY);
}

static void pressure_is_one_step(void **state)
{
    (void)state;
    step(800 * MIB, 672 * MIB);
    expect_quiet();
    assert_int_equal(policy.target, MEMORY - 128 * MIB);
    abx_balloon_policy_pressure(&policy, now); /* too early */
    expect_quiet();
    now += ABX_BALLOON_PAUSE_MS;
    step(672 * MIB, 544 * MIB);
    expect_quiet();
    assert_int_equal(policy.target, MEMORY - 256 * MIB);
}

static void pressure_within_a_step_is_that_step(void **state)
{
    (void)state;
    abx_balloon_policy_pressure(&policy, now);
    assert_true(asks());
    abx_balloon_policy_pressure(&policy, now);
    assert_false(asks());
    abx_balloon_policy_available(&policy, now, 800 * MIB);
    uint64_t target = policy.target;
    for (int i = 0; i < 100; i++)
        abx_balloon_policy_pressure(&policy, ++now);
    assert_int_equal(policy.target, target);
    assert_false(asks());
}

/* A small guest keeps what it needs, and nothing is below the floor. */
static void what_cannot_be_spared_stays(void **state)
{
    (void)state;
    abx_balloon_policy_pressure(&policy, now);
    assert_true(asks());
    abx_balloon_policy_available(&policy, now, abx_balloon_policy_enough(&policy) + MIB);
    expect_quiet();
    assert_int_equal(policy.target, MEMORY);

    abx_balloon_policy_init(&policy, MEMORY, 960 * MIB);
    step(900 * MIB, 800 * MIB);
    assert_int_equal(policy.target, 960 * MIB);
    now += ABX_BALLOON_PAUSE_MS;
    abx_balloon_policy_pressure(&policy, now);
    assert_true(asks());
    abx_balloon_policy_available(&policy, now, 900 * MIB);
    expect_quiet();
    assert_int_equal(policy.target, 960 * MIB);

    abx_balloon_policy_init(&policy, 64 * MIB, 0);
    assert_int_equal(policy.floor, 64 * MIB);
    abx_balloon_policy_init(&policy, MEMORY, 0);
    assert_int_equal(policy.floor, 256 * MIB);
}

/* How long the policy does nothing under constant pressure that leads nowhere. */
static uint64_t wait_under_pressure(void)
{
    uint64_t from = now;
    while (abx_balloon_policy_pressure(&policy, now), !asks())
        now += 1000;
    return now - from;
}

static void what_is_of_no_use_is_tried_less_and_less(void **state)
{
    (void)state;
    uint64_t expected = 0;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(wait_under_pressure(), expected);
        abx_balloon_policy_available(&policy, now, 0);
        expect_quiet();
        expected = expected ? expected * 2 : ABX_BALLOON_BACK_OFF_MS;
        if (expected > ABX_BALLOON_BACK_OFF_MAX_MS)
            expected = ABX_BALLOON_BACK_OFF_MAX_MS;
    }
    assert_int_equal(wait_under_pressure(), ABX_BALLOON_BACK_OFF_MAX_MS);
}

static void a_guest_that_does_not_answer_is_left_alone(void **state)
{
    (void)state;
    abx_balloon_policy_pressure(&policy, now);
    assert_true(asks());
    expire();
    expect_quiet();
    assert_int_equal(policy.target, MEMORY);
    assert_int_equal(wait_under_pressure(), ABX_BALLOON_BACK_OFF_MS);
}

/* Else its driver would try for ever. */
static void what_the_guest_cannot_give_is_asked_for_no_more(void **state)
{
    (void)state;
    abx_balloon_policy_pressure(&policy, now);
    assert_true(asks());
    abx_balloon_policy_available(&policy, now, 800 * MIB);
    abx_balloon_policy_kept(&policy, now, MEMORY - 32 * MIB);
    expire();
    expect_quiet();
    assert_int_equal(policy.target, MEMORY - 32 * MIB);
    assert_int_equal(wait_under_pressure(), ABX_BALLOON_BACK_OFF_MS);
}

static void too_much_goes_back(void **state)
{
    (void)state;
    step(800 * MIB, 16 * MIB);
    assert_int_equal(policy.state, ABX_BALLOON_GROWING);
    assert_int_equal(policy.target, MEMORY);
    abx_balloon_policy_kept(&policy, now, MEMORY);
    expire();
    assert_true(asks());
    abx_balloon_policy_available(&policy, now, 144 * MIB);
    expect_quiet();
    assert_true(wait_under_pressure() > 0);
}

/* By its own out-of-memory handling: it gets more until it has enough. */
static void a_guest_in_need_gets_more(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        step(800 * MIB, 672 * MIB);
        now += ABX_BALLOON_PAUSE_MS;
    }
    expect_quiet();
    assert_int_equal(policy.target, 512 * MIB);
    abx_balloon_policy_kept(&policy, now, 513 * MIB);
    assert_int_equal(policy.state, ABX_BALLOON_GROWING);
    assert_int_equal(policy.target, 641 * MIB);
    abx_balloon_policy_kept(&policy, now, 641 * MIB);
    expire();
    assert_true(asks());
    abx_balloon_policy_available(&policy, now, 64 * MIB);
    assert_int_equal(policy.target, 769 * MIB);
    expire();
    assert_true(asks());
    abx_balloon_policy_available(&policy, now, 192 * MIB);
    expect_quiet();
    assert_int_equal(policy.target, 769 * MIB);
}

static void need_in_the_midst_of_a_step_ends_it(void **state)
{
    (void)state;
    abx_balloon_policy_pressure(&policy, now);
    assert_true(asks());
    abx_balloon_policy_available(&policy, now, 800 * MIB);
    abx_balloon_policy_kept(&policy, now, MEMORY - 64 * MIB);
    assert_int_equal(policy.state, ABX_BALLOON_SHRINKING);
    abx_balloon_policy_kept(&policy, now, MEMORY - 63 * MIB);
    assert_int_equal(policy.state, ABX_BALLOON_GROWING);
    assert_int_equal(policy.target, MEMORY);
}

/* Host and guest both in need for an hour: the target must not go up and down with them. */
static void there_is_no_oscillation(void **state)
{
    (void)state;
    const uint64_t working_set = 900 * MIB, end = now + 3600 * 1000;
    unsigned turns = 0, timers = 0;
    uint64_t last = policy.target, timer_at = 0;
    bool down = false;
    for (; now < end; now += 100) {
        uint64_t available = policy.kept > working_set ? policy.kept - working_set : 0;
        if (now % 2000 == 0)
            abx_balloon_policy_pressure(&policy, now);
        /* The guest looks idle to its statistics now and then: the trap that makes policies swing. */
        bool idle = now / 60000 % 2 == 0;
        if (asks())
            abx_balloon_policy_available(&policy, now, idle ? 700 * MIB : available);
        if (policy.kept > policy.target)
            abx_balloon_policy_kept(&policy, now, policy.kept - 8 * MIB);
        else if (policy.kept < policy.target)
            abx_balloon_policy_kept(&policy, now, policy.kept + 8 * MIB);
        else if (!idle && policy.kept < working_set)
            abx_balloon_policy_kept(&policy, now, policy.kept + 1 * MIB);
        if (policy.timer_set)
            timer_at = policy.timer_ms ? now + policy.timer_ms : 0;
        policy.timer_set = false;
        if (timer_at && now >= timer_at) {
            timer_at = 0;
            timers++;
            abx_balloon_policy_timer(&policy, now);
            if (policy.timer_set)
                timer_at = policy.timer_ms ? now + policy.timer_ms : 0;
            policy.timer_set = false;
        }
        if (policy.target != last)
            turns += down != (policy.target < last);
        down = policy.target == last ? down : policy.target < last;
        last = policy.target;
    }
    assert_in_range(turns, 2, 60);
    assert_in_range(timers, 2, 300);
    assert_true(policy.back_off >= 4 * ABX_BALLOON_BACK_OFF_MS);
}

static void others_may_set_the_target(void **state)
{
    (void)state;
    abx_balloon_policy_pressure(&policy, now);
    assert_true(asks());
    abx_balloon_policy_moved(&policy, 512 * MIB);
    expect_quiet();
    abx_balloon_policy_kept(&policy, now, 700 * MIB);
    abx_balloon_policy_kept(&policy, now, 512 * MIB);
    expect_quiet();
    abx_balloon_policy_moved(&policy, 800 * MIB);
    abx_balloon_policy_kept(&policy, now, 700 * MIB);
    abx_balloon_policy_kept(&policy, now, 800 * MIB);
    expect_quiet();
    assert_int_equal(policy.target, 800 * MIB);
}

#define TEST(function) cmocka_unit_test_setup(function, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_happens_by_itself),
        TEST(pressure_is_one_step),
        TEST(pressure_within_a_step_is_that_step),
        TEST(what_cannot_be_spared_stays),
        TEST(what_is_of_no_use_is_tried_less_and_less),
        TEST(a_guest_that_does_not_answer_is_left_alone),
        TEST(what_the_guest_cannot_give_is_asked_for_no_more),
        TEST(too_much_goes_back),
        TEST(a_guest_in_need_gets_more),
        TEST(need_in_the_midst_of_a_step_ends_it),
        TEST(there_is_no_oscillation),
        TEST(others_may_set_the_target),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
