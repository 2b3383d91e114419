/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "vm_state.h"

static abx_vm_standing standing;
static abx_event_queue events;

static int set_up(void **state)
{
    (void)state;
    return abx_vm_standing_init(&standing) != ABX_OK || abx_event_queue_init(&events, 16) != ABX_OK;
}

static int tear_down(void **state)
{
    (void)state;
    abx_event_queue_end(&events);
    abx_vm_standing_end(&standing);
    return 0;
}

static void every_move_is_told(void **state)
{
    (void)state;
    abx_vm_state now = ABX_VM_FAILED;
    abx_event event;
    assert_int_equal(abx_vm_standing_get(&standing), ABX_VM_CREATED);
    assert_true(abx_vm_standing_move(&standing, ABX_VM_RUNNING, NULL, &events, &now));
    assert_int_equal(now, ABX_VM_RUNNING);
    assert_true(abx_vm_standing_move(&standing, ABX_VM_STOPPED, "why", &events, &now));
    assert_true(abx_event_queue_take(&events, &event));
    assert_int_equal(event.kind, ABX_EVENT_STATE);
    assert_int_equal(event.state, ABX_VM_RUNNING);
    assert_string_equal(event.text, "");
    assert_true(abx_event_queue_take(&events, &event));
    assert_int_equal(event.state, ABX_VM_STOPPED);
    assert_string_equal(event.text, "why");
}

static void an_end_is_an_end(void **state)
{
    (void)state;
    abx_vm_state now = ABX_VM_CREATED;
    abx_event event;
    assert_true(abx_vm_standing_move(&standing, ABX_VM_FAILED, NULL, &events, &now));
    assert_false(abx_vm_standing_move(&standing, ABX_VM_RUNNING, NULL, &events, &now));
    assert_int_equal(now, ABX_VM_FAILED);
    assert_int_equal(abx_vm_standing_get(&standing), ABX_VM_FAILED);
    assert_true(abx_event_queue_take(&events, &event));
    assert_false(abx_event_queue_take(&events, &event));
}

static void *end_it(void *unused)
{
    (void)unused;
    abx_vm_state now;
    abx_vm_standing_move(&standing, ABX_VM_RUNNING, NULL, &events, &now);
    abx_vm_standing_move(&standing, ABX_VM_PAUSED, NULL, &events, &now);
    abx_vm_standing_move(&standing, ABX_VM_STOPPED, NULL, &events, &now);
    return NULL;
}

static void the_end_can_be_waited_for(void **state)
{
    (void)state;
    pthread_t thread;
    assert_false(abx_vm_standing_await_end(&standing, 0));
    assert_false(abx_vm_standing_await_end(&standing, 2));
    assert_int_equal(pthread_create(&thread, NULL, end_it, NULL), 0);
    assert_true(abx_vm_standing_await_end(&standing, -1));
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(abx_vm_standing_await_end(&standing, 0));
    assert_true(abx_vm_standing_await_end(&standing, 600000));
}

static void move_to(abx_vm_state to)
{
    abx_vm_state now;
    abx_event event;
    assert_true(abx_vm_standing_move(&standing, to, NULL, &events, &now));
    assert_true(abx_event_queue_take(&events, &event));
}

static void report(abx_vm_state to, const char *text)
{
    abx_vm_standing_report(&standing, to, text, &events);
}

static void expect_event(abx_vm_state state, const char *text)
{
    abx_event event;
    assert_true(abx_event_queue_take(&events, &event));
    assert_int_equal(event.kind, ABX_EVENT_STATE);
    assert_int_equal(event.state, state);
    assert_string_equal(event.text, text);
    assert_int_equal(abx_vm_standing_get(&standing), state);
}

static void expect_nothing(abx_vm_state state)
{
    abx_event event;
    assert_false(abx_event_queue_take(&events, &event));
    assert_int_equal(abx_vm_standing_get(&standing), state);
}

static void reports_change_what_runs_and_pauses(void **state)
{
    (void)state;
    report(ABX_VM_RUNNING, "too early");
    report(ABX_VM_PAUSED, "too early");
    expect_nothing(ABX_VM_CREATED);
    move_to(ABX_VM_RUNNING);
    report(ABX_VM_RUNNING, "known");
    report(ABX_VM_STOPPED, "nonsense");
    expect_nothing(ABX_VM_RUNNING);
    report(ABX_VM_PAUSED, "why");
    expect_event(ABX_VM_PAUSED, "why");
    report(ABX_VM_RUNNING, NULL);
    expect_event(ABX_VM_RUNNING, "");
    move_to(ABX_VM_FAILED);
    report(ABX_VM_PAUSED, "too late");
    expect_nothing(ABX_VM_FAILED);
}

static void reports_wait_for_the_end_of_a_step(void **state)
{
    (void)state;
    move_to(ABX_VM_RUNNING);
    abx_vm_standing_hold(&standing);
    report(ABX_VM_PAUSED, "it is what the step does");
    expect_nothing(ABX_VM_RUNNING);
    move_to(ABX_VM_PAUSED);
    abx_vm_standing_let_go(&standing, &events);
    expect_nothing(ABX_VM_PAUSED);

    abx_vm_standing_hold(&standing);
    report(ABX_VM_RUNNING, "it is what the step does");
    report(ABX_VM_PAUSED, "the last one counts");
    move_to(ABX_VM_RUNNING);
    abx_vm_standing_let_go(&standing, &events);
    expect_event(ABX_VM_PAUSED, "the last one counts");

    /* None is kept for the next step. */
    abx_vm_standing_hold(&standing);
    move_to(ABX_VM_RUNNING);
    abx_vm_standing_let_go(&standing, &events);
    expect_nothing(ABX_VM_RUNNING);

    abx_vm_standing_hold(&standing);
    report(ABX_VM_PAUSED, "too late");
    move_to(ABX_VM_STOPPED);
    abx_vm_standing_let_go(&standing, &events);
    expect_nothing(ABX_VM_STOPPED);
}

static void states_have_names(void **state)
{
    (void)state;
    assert_string_equal(abx_vm_state_name(ABX_VM_CREATED), "created");
    assert_string_equal(abx_vm_state_name(ABX_VM_FAILED), "failed");
    assert_string_equal(abx_vm_state_name((abx_vm_state)99), "unknown");
    assert_true(abx_vm_state_is_final(ABX_VM_STOPPED));
    assert_true(abx_vm_state_is_final(ABX_VM_FAILED));
    assert_false(abx_vm_state_is_final(ABX_VM_PAUSED));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_move_is_told),
        TEST(an_end_is_an_end),
        TEST(the_end_can_be_waited_for),
        TEST(reports_change_what_runs_and_pauses),
        TEST(reports_wait_for_the_end_of_a_step),
        TEST(states_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
