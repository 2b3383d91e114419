/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_map.h"

#include "fake_backend.h"

#include <stdlib.h>

static abx_region region(abx_gpa gpa, uint64_t length)
{
    return (abx_region){ .slot = { .gpa = gpa, .length = length } };
}

static abx_memory_map *map_of(abx_region *regions, size_t count)
{
    abx_memory_map *map = abx_memory_map_new();
    for (size_t i = 0; i < count; i++) {
        abx_memory_map *next = abx_memory_map_with(map, &regions[i]);
        free(map);
        map = next;
    }
    assert_non_null(map);
    return map;
}

static void keeps_regions_sorted(void **state)
{
    (void)state;
    abx_region regions[] = { region(0x5000, PAGE), region(0x1000, PAGE), region(0x9000, PAGE), region(0x3000, PAGE) };
    abx_memory_map *map = map_of(regions, 4);
    assert_int_equal(map->count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(map->entries[i].gpa, 0x1000 + i * 0x2000 + (i == 3 ? 0x2000 : 0));
    }
    abx_memory_map *without = abx_memory_map_without(map, &regions[0]);
    assert_int_equal(without->count, 3);
    assert_int_equal(without->entries[1].gpa, 0x3000);
    assert_int_equal(without->entries[2].gpa, 0x9000);
    assert_int_equal(map->count, 4);
    free(map);
    free(without);
}

static void finds_what_holds_an_address(void **state)
{
    (void)state;
    abx_region regions[] = { region(0x1000, 0x1000), region(0x2000, 0x3000), region(0x8000, 0x1000) };
    abx_memory_map *map = map_of(regions, 3);
    assert_null(abx_memory_map_find(map, 0));
    assert_null(abx_memory_map_find(map, 0xfff));
    assert_ptr_equal(abx_memory_map_find(map, 0x1000)->region, &regions[0]);
    assert_ptr_equal(abx_memory_map_find(map, 0x1fff)->region, &regions[0]);
    assert_ptr_equal(abx_memory_map_find(map, 0x2000)->region, &regions[1]);
    assert_ptr_equal(abx_memory_map_find(map, 0x4fff)->region, &regions[1]);
    assert_null(abx_memory_map_find(map, 0x5000));
    assert_ptr_equal(abx_memory_map_find(map, 0x8fff)->region, &regions[2]);
    assert_null(abx_memory_map_find(map, 0x9000));
    assert_null(abx_memory_map_find(map, UINT64_MAX));
    free(map);

    abx_memory_map *empty = abx_memory_map_new();
    assert_null(abx_memory_map_find(empty, 0));
    assert_null(abx_memory_map_overlap(empty, 0, UINT64_MAX));
    assert_null(abx_memory_map_cover(empty, 0, 1));
    free(empty);
}

/* Every address against a plain search, for every number of regions up to 33. */
static void agrees_with_a_plain_search(void **state)
{
    (void)state;
    abx_region regions[33];
    for (size_t count = 1; count <= 33; count++) {
        for (size_t i = 0; i < count; i++) {
            size_t place = i * 37 % count; /* 37 has no divisor up to 33: every place once, in no order */
            regions[i] = region((place + 1) * 8, 1 + place % 8);
        }
        abx_memory_map *map = map_of(regions, count);
        for (abx_gpa gpa = 0; gpa < (count + 2) * 8; gpa++) {
            const abx_region *expected = NULL;
            for (size_t i = 0; i < count; i++) {
                if (gpa >= regions[i].slot.gpa && gpa < regions[i].slot.gpa + regions[i].slot.length) {
                    expected = &regions[i];
                }
            }
            const abx_memory_entry *entry = abx_memory_map_find(map, gpa);
            assert_ptr_equal(entry ? entry->region : NULL, expected);
        }
        free(map);
    }
}

static void finds_overlaps_on_either_side(void **state)
{
    (void)state;
    abx_region regions[] = { region(0x2000, 0x2000), region(0x8000, 0x1000) };
    abx_memory_map *map = map_of(regions, 2);
    assert_null(abx_memory_map_overlap(map, 0x1000, 0x1000));
    assert_ptr_equal(abx_memory_map_overlap(map, 0x1000, 0x1001)->region, &regions[0]);
    assert_ptr_equal(abx_memory_map_overlap(map, 0x3fff, 1)->region, &regions[0]);
    assert_null(abx_memory_map_overlap(map, 0x4000, 0x4000));
    assert_ptr_equal(abx_memory_map_overlap(map, 0x4000, 0x4001)->region, &regions[1]);
    assert_ptr_equal(abx_memory_map_overlap(map, 0, UINT64_MAX)->region, &regions[0]);
    assert_null(abx_memory_map_overlap(map, 0x9000, UINT64_MAX - 0x9000 + 1));
    free(map);
}

static void covers_across_adjoining_regions_only(void **state)
{
    (void)state;
    abx_region regions[] = { region(0x1000, 0x1000), region(0x2000, 0x1000), region(0x3000, 0x1000),
                             region(0x5000, 0x1000) };
    abx_memory_map *map = map_of(regions, 4);
    assert_ptr_equal(abx_memory_map_cover(map, 0x1000, 0x3000)->region, &regions[0]);
    assert_ptr_equal(abx_memory_map_cover(map, 0x1fff, 2)->region, &regions[0]);
    assert_ptr_equal(abx_memory_map_cover(map, 0x2fff, 0x1001)->region, &regions[1]);
    assert_null(abx_memory_map_cover(map, 0x1000, 0x3001));
    assert_null(abx_memory_map_cover(map, 0x3000, 0x3000));
    assert_null(abx_memory_map_cover(map, 0xfff, 2));
    assert_null(abx_memory_map_cover(map, 0x5000, UINT64_MAX));
    assert_null(abx_memory_map_cover(map, 0x4000, 1));
    free(map);
}

static void works_up_to_the_last_address(void **state)
{
    (void)state;
    const abx_gpa last_page = UINT64_MAX - PAGE + 1;
    abx_region regions[] = { region(0, PAGE), region(last_page - PAGE, PAGE), region(last_page, PAGE) };
    abx_memory_map *map = map_of(regions, 3);
    assert_ptr_equal(abx_memory_map_find(map, UINT64_MAX)->region, &regions[2]);
    assert_ptr_equal(abx_memory_map_cover(map, last_page - 1, PAGE + 1)->region, &regions[1]);
    /* Beyond 2^64 there is nothing: page 0 does not adjoin the last one. */
    assert_null(abx_memory_map_cover(map, UINT64_MAX, 2));
    assert_null(abx_memory_map_cover(map, last_page, UINT64_MAX));
    assert_null(abx_memory_map_adjoining(map, &map->entries[2]));
    assert_ptr_equal(abx_memory_map_overlap(map, UINT64_MAX, 1)->region, &regions[2]);
    free(map);

    abx_region everything = region(0, UINT64_MAX);
    abx_memory_map *whole = map_of(&everything, 1);
    assert_ptr_equal(abx_memory_map_cover(whole, 1, UINT64_MAX - 1)->region, &everything);
    assert_null(abx_memory_map_cover(whole, 1, UINT64_MAX));
    free(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_regions_sorted),
        cmocka_unit_test(finds_what_holds_an_address),
        cmocka_unit_test(agrees_with_a_plain_search),
        cmocka_unit_test(finds_overlaps_on_either_side),
        cmocka_unit_test(covers_across_adjoining_regions_only),
        cmocka_unit_test(works_up_to_the_last_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
