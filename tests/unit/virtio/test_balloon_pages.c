/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What guests name as free, as a set: sorted, merged, bounded, whatever they say. */
#include "driver.h"
#include "fake_manual.h"

#include "virtio/balloon_pages.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096 };

static abx_vm *vm;
static abx_balloon_pages set;
static abx_balloon_range *ranges;
static size_t count;

static int begin(void **state)
{
    (void)state;
    vm = driver_vm();
    ranges = NULL;
    return abx_balloon_pages_init(&set, vm) == ABX_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    free(ranges);
    abx_balloon_pages_end(&set);
    abx_balloon_pages_end(&set); /* is empty */
    fake_manual_end(vm);
    return 0;
}

static void add(abx_gpa gpa, uint64_t length)
{
    abx_memory_guard stay = abx_memory_enter(vm);
    while (length > 0) {
        uint64_t here;
        void *host = abx_memory_span(vm, gpa, length, false, &here);
        assert_non_null(host);
        abx_balloon_pages_add(&set, &(struct iovec){ host, here });
        gpa += here;
        length -= here;
    }
    abx_memory_leave(vm, stay);
}

static void list(void)
{
    free(ranges);
    assert_int_equal(abx_balloon_pages_list(&set, &ranges, &count), ABX_OK);
}

static void expect(size_t index, abx_gpa gpa, uint64_t length)
{
    assert_true(index < count);
    assert_int_equal(ranges[index].gpa, gpa);
    assert_int_equal(ranges[index].length, length);
}

static void nothing_is_nothing(void **state)
{
    (void)state;
    list();
    assert_int_equal(count, 0);
}

static void they_are_sorted_and_merged(void **state)
{
    (void)state;
    add(DATA + 8 * PAGE, PAGE);
    add(DATA, 3 * PAGE);
    add(DATA + 3 * PAGE, PAGE);
    add(DATA + PAGE, PAGE);
    add(DATA + 7 * PAGE, 2 * PAGE);
    list();
    assert_int_equal(count, 2);
    expect(0, DATA, 4 * PAGE);
    expect(1, DATA + 7 * PAGE, 2 * PAGE);
}

/* Of a page that is named in part nothing is free. */
static void only_whole_pages_count(void **state)
{
    (void)state;
    add(DATA + 1, PAGE);
    add(DATA + 2 * PAGE, PAGE - 1);
    list();
    assert_int_equal(count, 0);
    add(DATA + 16, 3 * PAGE);
    list();
    assert_int_equal(count, 1);
    expect(0, DATA + PAGE, 2 * PAGE);
}

static void regions_that_adjoin_are_one_range(void **state)
{
    (void)state;
    add(RAM, RAM_SIZE + SECOND_SIZE);
    add(ROM, ROM_SIZE); /* is no memory that could be free */
    list();
    assert_int_equal(count, 1);
    expect(0, RAM, RAM_SIZE + SECOND_SIZE);
}

/* Every length at every place among the words of the bitmap. */
static void bits_are_where_they_belong(void **state)
{
    (void)state;
    for (uint64_t first = 0; first < 130; first += 13) {
        for (uint64_t length = 1; length < 200; length += 7) {
            abx_balloon_pages_end(&set);
            assert_int_equal(abx_balloon_pages_init(&set, vm), ABX_OK);
            add(RAM + first * PAGE, length * PAGE);
            list();
            assert_int_equal(count, 1);
            expect(0, RAM + first * PAGE, length * PAGE);
        }
    }
}

static void memory_that_was_removed_is_left_out(void **state)
{
    (void)state;
    abx_memory_guard stay = abx_memory_enter(vm);
    const struct iovec piece = { abx_memory_at(vm, SECOND, PAGE, false), PAGE };
    abx_memory_leave(vm, stay);
    assert_int_equal(abx_memory_remove(vm, SECOND), ABX_OK);
    stay = abx_memory_enter(vm);
    abx_balloon_pages_add(&set, &piece);
    abx_memory_leave(vm, stay);
    list();
    assert_int_equal(count, 0);
}

/* A guest that names every second page has no more of the host's memory than this. */
static void there_are_only_so_many(void **state)
{
    (void)state;
    const abx_gpa base = UINT64_C(1) << 32;
    const uint64_t pages = 2 * (uint64_t)ABX_BALLOON_RANGES_MAX + 4;
    abx_memory_region region = ABX_MEMORY_REGION_INIT;
    region.gpa = base;
    region.length = pages * PAGE;
    region.backing = ABX_BACKING_ANONYMOUS;
    assert_int_equal(abx_memory_add(vm, &region), ABX_OK);
    abx_balloon_pages_end(&set);
    assert_int_equal(abx_balloon_pages_init(&set, vm), ABX_OK);
    for (uint64_t page = 0; page < pages; page += 2)
        add(base + page * PAGE, PAGE);
    list();
    assert_int_equal(count, ABX_BALLOON_RANGES_MAX);
    expect(0, base, PAGE);
    expect(count - 1, base + 2 * (uint64_t)(count - 1) * PAGE, PAGE);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_nothing),         TEST(they_are_sorted_and_merged),
        TEST(only_whole_pages_count),     TEST(regions_that_adjoin_are_one_range),
        TEST(bits_are_where_they_belong), TEST(memory_that_was_removed_is_left_out),
        TEST(there_are_only_so_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
