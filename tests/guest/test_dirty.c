/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The log of written pages: the guest's writes and the host's, fetched and cleared page by page. */
#include "harness.h"
#include "memory.h"

#include <string.h>

enum { HOLE = 0x10000000, MEGABYTE = 1 << 20, PAGE = 4096, PAGES = MEGABYTE / PAGE, WORDS = PAGES / 64 };

static void open_logged(guest *g, uint32_t flags)
{
    guest_open(g, "memory", NULL);
    abx_memory_region region = ABX_MEMORY_REGION_INIT;
    region.gpa = HOLE;
    region.length = MEGABYTE;
    region.flags = flags;
    assert_ok(abx_memory_add(g->vm, &region));
}

static void poke_pages(guest *g, uint32_t first, uint32_t count)
{
    guest_answer(g, POKE_PAGES);
    guest_answer(g, HOLE + first * PAGE);
    guest_answer(g, count);
    guest_answer(g, 1);
    guest_expect_sync(g, 0);
}

/* The log must hold exactly pages [first, first + count). */
static void expect_dirty(guest *g, uint32_t first, uint32_t count)
{
    uint64_t bitmap[WORDS];
    assert_ok(abx_memory_get_dirty(g->vm, HOLE, bitmap, WORDS));
    for (uint32_t page = 0; page < PAGES; page++) {
        bool written = bitmap[page / 64] >> (page % 64) & 1;
        if (written != (page >= first && page < first + count))
            fail_msg("page %u is %s", page, written ? "in the log" : "missing from the log");
    }
}

static void clear(guest *g)
{
    uint64_t bitmap[WORDS];
    assert_ok(abx_memory_get_dirty(g->vm, HOLE, bitmap, WORDS));
    assert_ok(abx_memory_clear_dirty(g->vm, HOLE, bitmap, WORDS));
}

static void test_guest_writes(void **state)
{
    (void)state;
    guest g;
    open_logged(&g, ABX_MEMORY_LOG_DIRTY);
    clear(&g);
    expect_dirty(&g, 0, 0);
    poke_pages(&g, 60, 10);
    expect_dirty(&g, 60, 10);
    /* Fetching does not clear. */
    expect_dirty(&g, 60, 10);
    clear(&g);
    expect_dirty(&g, 0, 0);
    poke_pages(&g, 255, 1);
    expect_dirty(&g, 255, 1);
    guest_close(&g);
}

/* Clearing some pages keeps the others. */
static void test_partial_clear(void **state)
{
    (void)state;
    guest g;
    open_logged(&g, ABX_MEMORY_LOG_DIRTY);
    clear(&g);
    poke_pages(&g, 62, 4);
    const uint64_t last_two_of_the_first_word[WORDS] = { UINT64_C(3) << 62 };
    assert_ok(abx_memory_clear_dirty(g.vm, HOLE, last_two_of_the_first_word, WORDS));
    expect_dirty(&g, 64, 2);
    poke_pages(&g, 63, 1);
    expect_dirty(&g, 63, 3);
    guest_close(&g);
}

static void test_host_writes(void **state)
{
    (void)state;
    guest g;
    open_logged(&g, ABX_MEMORY_LOG_DIRTY);
    clear(&g);
    const char text[] = "across a border";
    assert_ok(abx_memory_write(g.vm, HOLE + 8 * PAGE - 4, text, sizeof(text)));
    expect_dirty(&g, 7, 2);
    abx_memory_guard guard = abx_memory_enter(g.vm);
    assert_non_null(abx_memory_at(g.vm, HOLE + 9 * PAGE, 1, true));
    assert_non_null(abx_memory_at(g.vm, HOLE + 20 * PAGE, 1, false));
    abx_memory_leave(g.vm, guard);
    expect_dirty(&g, 7, 3);
    clear(&g);
    expect_dirty(&g, 0, 0);
    guest_close(&g);
}

/* The log comes and goes; the region stays read-only all the time. */
static void test_log_of_a_read_only_region(void **state)
{
    (void)state;
    guest g;
    open_logged(&g, ABX_MEMORY_READ_ONLY);
    uint64_t bitmap[WORDS];
    assert_status(abx_memory_get_dirty(g.vm, HOLE, bitmap, WORDS), ABX_ERR_STATE);
    assert_ok(abx_memory_log_dirty(g.vm, HOLE, true));
    guest_answer(&g, POKE);
    guest_answer(&g, HOLE);
    guest_answer(&g, 1);
    guest_run_to(&g, ABX_EXIT_MMIO);
    assert_int_equal(g.exit.mmio.direction, ABX_WRITE);
    guest_expect_sync(&g, 0);
    expect_dirty(&g, 0, 0);
    assert_ok(abx_memory_log_dirty(g.vm, HOLE, false));
    assert_status(abx_memory_get_dirty(g.vm, HOLE, bitmap, WORDS), ABX_ERR_STATE);
    guest_close(&g);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_guest_writes),
        cmocka_unit_test(test_partial_clear),
        cmocka_unit_test(test_host_writes),
        cmocka_unit_test(test_log_of_a_read_only_region),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
