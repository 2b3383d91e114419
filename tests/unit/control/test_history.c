/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control_test.h"

#include "control/history.h"

static void note(abx_history *history, uint64_t count)
{
    static uint64_t sequence;
    for (uint64_t i = 0; i < count; i++) {
        const abx_event event = { .kind = ABX_EVENT_USER, .sequence = ++sequence };
        abx_history_note(history, &event);
    }
}

static void events_are_told_once(void **state)
{
    (void)state;
    abx_history history;
    abx_event event, last[ABX_CONTROL_BACKLOG_MAX];
    abx_history_init(&history);
    assert_false(abx_history_next(&history, &event));
    note(&history, 3);
    assert_int_equal(abx_history_last(&history, last, 10), 0);
    assert_true(abx_history_next(&history, &event));
    uint64_t first = event.sequence;
    assert_true(abx_history_next(&history, &event));
    assert_int_equal(event.sequence, first + 1);
    assert_int_equal(abx_history_last(&history, last, 10), 2);
    assert_int_equal(last[0].sequence, first);
    assert_int_equal(abx_history_last(&history, last, 1), 1);
    assert_int_equal(last[0].sequence, first + 1);
    assert_int_equal(abx_history_last(&history, last, 0), 0);
    assert_true(abx_history_next(&history, &event));
    assert_false(abx_history_next(&history, &event));
    abx_history_end(&history);
}

static void what_is_lost_is_counted(void **state)
{
    (void)state;
    abx_history history;
    abx_event event, last[ABX_CONTROL_BACKLOG_MAX];
    abx_history_init(&history);
    note(&history, ABX_CONTROL_BACKLOG_MAX + 5);
    assert_true(abx_history_next(&history, &event));
    assert_int_equal(event.kind, ABX_EVENT_OVERFLOW);
    assert_int_equal(event.code, 5);
    uint64_t before = event.sequence;
    for (int i = 0; i < ABX_CONTROL_BACKLOG_MAX; i++) {
        assert_true(abx_history_next(&history, &event));
        assert_int_equal(event.sequence, ++before);
    }
    assert_false(abx_history_next(&history, &event));
    assert_int_equal(abx_history_last(&history, last, ABX_CONTROL_BACKLOG_MAX), ABX_CONTROL_BACKLOG_MAX);
    note(&history, 1);
    assert_int_equal(abx_history_last(&history, last, ABX_CONTROL_BACKLOG_MAX), ABX_CONTROL_BACKLOG_MAX - 1);
    assert_int_equal(last[ABX_CONTROL_BACKLOG_MAX - 2].sequence, before);
    abx_history_end(&history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_told_once),
        cmocka_unit_test(what_is_lost_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
