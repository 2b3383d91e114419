/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_log.h"

#include "fake_backend.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PAGES = 200, WORDS = 4 };

/* Every range of bytes around page borders against page-by-page arithmetic. */
static void marks_the_pages_that_a_range_touches(void **state)
{
    (void)state;
    static const uint64_t points[] = { 0,          1,          PAGE - 1,      PAGE,           PAGE + 1,
                                       63 * PAGE,  64 * PAGE,  64 * PAGE - 1, 127 * PAGE + 5, 128 * PAGE,
                                       191 * PAGE, 192 * PAGE, 199 * PAGE,    200 * PAGE - 1, 200 * PAGE };
    const size_t count = sizeof(points) / sizeof(points[0]);
    for (size_t i = 0; i < count * count; i++) {
        uint64_t from = points[i / count];
        uint64_t to = points[i % count];
        if (from > to) {
            continue;
        }
        abx_dirty_log *log = abx_dirty_log_new(PAGES * PAGE, 12);
        assert_non_null(log);
        abx_dirty_log_mark(log, from, to - from);
        uint64_t bitmap[WORDS] = { 0 };
        abx_dirty_log_merge(log, bitmap);
        for (uint64_t page = 0; page < WORDS * 64; page++) {
            bool touched = page * PAGE < to && (page + 1) * PAGE > from && from < to;
            assert_int_equal(bitmap[page / 64] >> page % 64 & 1, touched);
        }
        free(log);
    }
}

static void clears_only_what_is_named(void **state)
{
    (void)state;
    abx_dirty_log *log = abx_dirty_log_new(PAGES * PAGE, 12);
    abx_dirty_log_mark(log, 0, PAGES * PAGE);
    const uint64_t some[WORDS] = { 5, 0, UINT64_MAX, 1 };
    abx_dirty_log_clear(log, some);
    uint64_t bitmap[WORDS] = { 1, 0, 0, 0 };
    abx_dirty_log_merge(log, bitmap);
    assert_int_equal(bitmap[0], ~UINT64_C(5) | 1); /* ORed into what was there */
    assert_int_equal(bitmap[1], UINT64_MAX);
    assert_int_equal(bitmap[2], 0);
    assert_int_equal(bitmap[3], 0xfe);
    abx_dirty_log_reset(log);
    memset(bitmap, 0, sizeof(bitmap));
    abx_dirty_log_merge(log, bitmap);
    for (size_t i = 0; i < WORDS; i++) {
        assert_int_equal(bitmap[i], 0);
    }
    free(log);
}

static void knows_which_bits_are_pages(void **state)
{
    (void)state;
    static const struct {
        uint64_t pages;
        size_t words;
        uint64_t last;
    } cases[] = {
        { 1, 1, 1 }, { 63, 1, UINT64_MAX >> 1 }, { 64, 1, UINT64_MAX }, { 65, 2, 1 }, { 128, 2, UINT64_MAX },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        abx_dirty_log *log = abx_dirty_log_new(cases[i].pages * PAGE, 12);
        assert_int_equal(log->words, cases[i].words);
        assert_int_equal(abx_dirty_log_valid(log, log->words - 1), cases[i].last);
        if (log->words > 1) {
            assert_int_equal(abx_dirty_log_valid(log, 0), UINT64_MAX);
        }
        free(log);
    }
}

typedef struct mark_job {
    abx_dirty_log *log;
    uint64_t first;
} mark_job;

static void *mark_every_fourth(void *context)
{
    const mark_job *marker = context;
    for (uint64_t page = marker->first; page < PAGES; page += 4) {
        abx_dirty_log_mark(marker->log, page * PAGE, 1);
    }
    return NULL;
}

static void loses_no_mark_to_another_thread(void **state)
{
    (void)state;
    for (int round = 0; round < 50; round++) {
        abx_dirty_log *log = abx_dirty_log_new(PAGES * PAGE, 12);
        pthread_t threads[4];
        mark_job markers[4];
        for (size_t i = 0; i < 4; i++) {
            markers[i] = (mark_job){ log, i };
            assert_int_equal(pthread_create(&threads[i], NULL, mark_every_fourth, &markers[i]), 0);
        }
        for (size_t i = 0; i < 4; i++) {
            pthread_join(threads[i], NULL);
        }
        uint64_t bitmap[WORDS] = { 0 };
        abx_dirty_log_merge(log, bitmap);
        for (size_t i = 0; i < WORDS; i++) {
            assert_int_equal(bitmap[i], abx_dirty_log_valid(log, i));
        }
        free(log);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_the_pages_that_a_range_touches),
        cmocka_unit_test(clears_only_what_is_named),
        cmocka_unit_test(knows_which_bits_are_pages),
        cmocka_unit_test(loses_no_mark_to_another_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
