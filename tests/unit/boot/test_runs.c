/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "boot_test.h"

#include "boot/runs.h"

enum { BLOCK = ABX_SINK_BLOCK };

static abx_status add(abx_runs *runs, abx_gpa gpa, uint64_t offset, uint64_t file_length, uint64_t memory_length)
{
    abx_run run = { .gpa = gpa, .offset = offset, .file_length = file_length, .memory_length = memory_length };
    return abx_runs_add(runs, &run, 100 * BLOCK, "image");
}

static void assert_run(const abx_run *run, abx_gpa gpa, uint64_t offset, uint64_t file_length, uint64_t memory_length)
{
    assert_int_equal(run->gpa, gpa);
    assert_int_equal(run->file_length, file_length);
    assert_int_equal(run->memory_length, memory_length);
    if (file_length > 0) {
        assert_int_equal(run->offset, offset);
    }
}

static void test_adds(void **state)
{
    (void)state;
    abx_runs runs = { 0 };
    abx_gpa low, high;
    assert_ok(add(&runs, 0x2000, 0, 0x800, 0x1000));
    assert_ok(add(&runs, 0x1000, 0x800, 0x1000, 0x1000));
    assert_ok(add(&runs, 0x1800, 0, 0, 0)); /* nothing: may lie anywhere */
    assert_int_equal(runs.count, 2);
    abx_runs_bounds(&runs, &low, &high);
    assert_int_equal(low, 0x1000);
    assert_int_equal(high, 0x3000);
    assert_true(abx_runs_hold(&runs, 0x1000));
    assert_true(abx_runs_hold(&runs, 0x2fff));
    assert_false(abx_runs_hold(&runs, 0x3000));
    assert_false(abx_runs_hold(&runs, 0xfff));
    abx_runs_free(&runs);
}

static void test_many(void **state)
{
    (void)state;
    abx_runs runs = { 0 };
    for (uint64_t i = 0; i < 100; i++) {
        assert_ok(add(&runs, i * 0x2000, i, 1, 0x1000));
    }
    assert_int_equal(runs.count, 100);
    assert_run(&runs.items[99], 99 * 0x2000, 99, 1, 0x1000);
    abx_runs_free(&runs);
}

static void test_refuses(void **state)
{
    (void)state;
    abx_runs runs = { 0 };
    assert_ok(add(&runs, 0x10000, 0, 0x1000, 0x1000));
    assert_failed_saying(ABX_ERR_FORMAT, "overlaps", add(&runs, 0x10fff, 0, 1, 1));
    assert_failed_saying(ABX_ERR_FORMAT, "overlaps", add(&runs, 0x0, 0, 1, 0x10001));
    assert_failed_saying(ABX_ERR_FORMAT, "longer in the file", add(&runs, 0x20000, 0, 2, 1));
    assert_failed_saying(ABX_ERR_FORMAT, "end of the file", add(&runs, 0x20000, 100 * BLOCK, 1, 1));
    assert_failed_saying(ABX_ERR_FORMAT, "end of the file", add(&runs, 0x20000, UINT64_MAX, 1, 1));
    assert_failed_saying(ABX_ERR_FORMAT, "last address", add(&runs, UINT64_MAX, 0, 1, 1));
    assert_failed_saying(ABX_ERR_FORMAT, "last address", add(&runs, 1, 0, 1, UINT64_MAX));
    assert_failed_saying(ABX_ERR_FORMAT, "last address", add(&runs, (1ull << 52) - 1, 0, 1, 2));
    assert_ok(add(&runs, (1ull << 52) - 1, 0, 1, 1));
    assert_int_equal(runs.count, 2);
    abx_runs_free(&runs);
}

static void test_cuts_holes(void **state)
{
    (void)state;
    abx_runs runs = { 0 };
    /* From half of block 10 to half of block 19, in the middle of it blocks 12 to 14; and another run right behind. */
    const abx_hole holes[] = { { 2, 1 }, { 12, 3 }, { 19, 2 }, { 30, 5 } };
    assert_ok(add(&runs, 0x100000, 10 * BLOCK + BLOCK / 2, 9 * BLOCK, 10 * BLOCK));
    assert_ok(add(&runs, 0x900000, 20 * BLOCK, 2 * BLOCK, 2 * BLOCK));
    assert_ok(abx_runs_cut_holes(&runs, holes, 4));
    assert_int_equal(runs.count, 4);
    assert_run(&runs.items[0], 0x100000, 10 * BLOCK + BLOCK / 2, BLOCK + BLOCK / 2, 4 * BLOCK + BLOCK / 2);
    assert_run(&runs.items[1], 0x900000, 0, 0, BLOCK);
    assert_run(&runs.items[2], 0x100000 + 4 * BLOCK + BLOCK / 2, 15 * BLOCK, 4 * BLOCK, 5 * BLOCK + BLOCK / 2);
    assert_run(&runs.items[3], 0x900000 + BLOCK, 21 * BLOCK, BLOCK, BLOCK);
    abx_runs_free(&runs);
}

static void test_cuts_whole_runs(void **state)
{
    (void)state;
    abx_runs runs = { 0 };
    const abx_hole holes[] = { { 0, 100 } };
    assert_ok(add(&runs, 0x100000, 5, 1000, 2000));
    assert_ok(abx_runs_cut_holes(&runs, holes, 1));
    assert_int_equal(runs.count, 1);
    assert_run(&runs.items[0], 0x100000, 5, 0, 2000);
    assert_ok(abx_runs_cut_holes(&runs, holes, 1));
    assert_run(&runs.items[0], 0x100000, 5, 0, 2000);
    abx_runs_free(&runs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adds),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_cuts_holes),
        cmocka_unit_test(test_cuts_whole_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
