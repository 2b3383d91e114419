/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_walk.h"

#include "fake_backend.h"
#include "memory_space_internal.h"

typedef struct walk_trace {
    fake_space *fake;
    size_t count;
    abx_gpa gpa[4];
    uint64_t length[4];
    size_t fail_at; /* counted from 1; 0: never */
} walk_trace;

static abx_status visit(const abx_memory_entry *entry, uint64_t offset, uint64_t length, void *context)
{
    walk_trace *trace = context;
    assert_false(abx_grace_idle(&trace->fake->space->grace));
    assert_in_range(trace->count, 0, 3);
    trace->gpa[trace->count] = entry->gpa + offset;
    trace->length[trace->count] = length;
    return ++trace->count == trace->fail_at ? ABX_ERR_BUSY : ABX_OK;
}

static void visits_the_pieces_in_order(void **state)
{
    fake_space *fake = *state;
    add(fake, 0x2000, PAGE, 0);
    add(fake, 0x1000, PAGE, 0);
    add(fake, 0x3000, 2 * PAGE, 0);
    walk_trace trace = { .fake = fake };
    assert_int_equal(abx_memory_walk(fake->space, 0x1800, 0x2000, "see", visit, &trace), ABX_OK);
    assert_int_equal(trace.count, 3);
    static const uint64_t expected[][2] = { { 0x1800, 0x800 }, { 0x2000, 0x1000 }, { 0x3000, 0x800 } };
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(trace.gpa[i], expected[i][0]);
        assert_int_equal(trace.length[i], expected[i][1]);
    }
    trace.count = 0;
    assert_int_equal(abx_memory_walk(fake->space, 0x2000, PAGE, "see", visit, &trace), ABX_OK);
    assert_int_equal(trace.count, 1);
    assert_true(abx_grace_idle(&fake->space->grace));
}

static void visits_nothing_of_a_range_with_a_hole(void **state)
{
    fake_space *fake = *state;
    add(fake, 0x1000, PAGE, 0);
    add(fake, 0x3000, PAGE, 0);
    walk_trace trace = { .fake = fake };
    assert_failed(abx_memory_walk(fake->space, 0x1800, 0x2000, "see", visit, &trace), ABX_ERR_RANGE,
                  "see 0x2000 bytes of guest memory at 0x1800");
    assert_failed(abx_memory_walk(fake->space, 0x1800, UINT64_MAX, "see", visit, &trace), ABX_ERR_RANGE, "see");
    assert_failed(abx_memory_walk(fake->space, UINT64_MAX, 2, "see", visit, &trace), ABX_ERR_RANGE, "see");
    assert_int_equal(abx_memory_walk(fake->space, 0, 0, "see", visit, &trace), ABX_OK);
    assert_int_equal(trace.count, 0);
    assert_true(abx_grace_idle(&fake->space->grace));
}

static void stops_where_a_visit_fails(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, PAGE, 0);
    add(fake, PAGE, PAGE, 0);
    add(fake, 2 * PAGE, PAGE, 0);
    walk_trace trace = { .fake = fake, .fail_at = 2 };
    assert_int_equal(abx_memory_walk(fake->space, 0, 3 * PAGE, "see", visit, &trace), ABX_ERR_BUSY);
    assert_int_equal(trace.count, 2);
    assert_true(abx_grace_idle(&fake->space->grace));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(visits_the_pieces_in_order, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(visits_nothing_of_a_range_with_a_hole, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(stops_where_a_visit_fails, fake_setup, fake_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
