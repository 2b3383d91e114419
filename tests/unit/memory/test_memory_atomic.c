/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_atomic.h"

#include "fake_backend.h"
#include "memory_access.h"
#include "memory_dirty.h"

#include <pthread.h>

static void every_width_touches_its_own_bytes(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, PAGE, 0);
    for (uint32_t width = 1; width <= 8; width *= 2) {
        uint64_t mask = width == 8 ? UINT64_MAX : (UINT64_C(1) << width * 8) - 1;
        assert_int_equal(abx_memory_space_fill(fake->space, 0, 0xee, 24), ABX_OK);
        assert_int_equal(abx_memory_space_store(fake->space, 8, width, UINT64_C(0x1122334455667788)), ABX_OK);
        uint64_t value;
        assert_int_equal(abx_memory_space_load(fake->space, 8, width, &value), ABX_OK);
        assert_int_equal(value, UINT64_C(0x1122334455667788) & mask);
        uint8_t bytes[24];
        assert_int_equal(abx_memory_space_read(fake->space, 0, bytes, sizeof(bytes)), ABX_OK);
        for (size_t i = 0; i < sizeof(bytes); i++) {
            assert_int_equal(bytes[i] != 0xee, i >= 8 && i < 8 + width);
        }

        bool swapped = true;
        uint64_t expected = 1;
        assert_int_equal(abx_memory_space_compare_swap(fake->space, 8, width, &expected, 5, &swapped), ABX_OK);
        assert_false(swapped);
        assert_int_equal(expected, value);
        assert_int_equal(abx_memory_space_compare_swap(fake->space, 8, width, &expected, 5, &swapped), ABX_OK);
        assert_true(swapped);
        assert_int_equal(abx_memory_space_load(fake->space, 8, width, &value), ABX_OK);
        assert_int_equal(value, 5);
    }
}

static void refuses_other_widths_and_places(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, PAGE, 0);
    uint64_t value = 77;
    bool swapped = true;
    static const uint32_t widths[] = { 0, 3, 5, 16, UINT32_MAX };
    for (size_t i = 0; i < 5; i++) {
        assert_failed(abx_memory_space_load(fake->space, 0, widths[i], &value), ABX_ERR_INVALID, "width");
        assert_failed(abx_memory_space_store(fake->space, 0, widths[i], 1), ABX_ERR_INVALID, "width");
    }
    assert_failed(abx_memory_space_load(fake->space, 4, 8, &value), ABX_ERR_INVALID, "multiple");
    assert_failed(abx_memory_space_store(fake->space, 1, 2, 1), ABX_ERR_INVALID, "multiple");
    assert_failed(abx_memory_space_compare_swap(fake->space, 2, 4, &value, 1, &swapped), ABX_ERR_INVALID, "multiple");
    assert_failed(abx_memory_space_load(fake->space, PAGE, 8, &value), ABX_ERR_RANGE, "0x1000");
    assert_failed(abx_memory_space_store(fake->space, PAGE, 8, 1), ABX_ERR_RANGE, "0x1000");
    assert_failed(abx_memory_space_compare_swap(fake->space, PAGE, 8, &value, 1, &swapped), ABX_ERR_RANGE, "0x1000");
    assert_int_equal(value, 77);
    assert_true(swapped);
}

static void only_changes_are_logged(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, 4 * PAGE, ABX_MEMORY_LOG_DIRTY);
    uint64_t word;
    uint64_t value;
    assert_int_equal(abx_memory_space_load(fake->space, 0, 8, &value), ABX_OK);
    uint64_t expected = 1;
    bool swapped;
    assert_int_equal(abx_memory_space_compare_swap(fake->space, PAGE, 4, &expected, 2, &swapped), ABX_OK);
    assert_int_equal(abx_memory_space_get_dirty(fake->space, 0, &word, 1), ABX_OK);
    assert_int_equal(word, 0);
    assert_int_equal(abx_memory_space_compare_swap(fake->space, PAGE, 4, &expected, 2, &swapped), ABX_OK);
    assert_int_equal(abx_memory_space_store(fake->space, 3 * PAGE, 1, 1), ABX_OK);
    assert_int_equal(abx_memory_space_get_dirty(fake->space, 0, &word, 1), ABX_OK);
    assert_int_equal(word, 2 | 8);
}

enum { COUNTERS = 2, STEPS = 5000 };

static void *count_up(void *context)
{
    abx_memory_space *space = context;
    for (int i = 0; i < STEPS; i++) {
        uint64_t seen = 0;
        bool swapped = false;
        while (!swapped) {
            if (abx_memory_space_compare_swap(space, 16, 4, &seen, seen + 1, &swapped) != ABX_OK) {
                return space;
            }
        }
    }
    return NULL;
}

static void compare_swap_loses_nothing(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, PAGE, 0);
    pthread_t threads[COUNTERS];
    for (size_t i = 0; i < COUNTERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, count_up, fake->space), 0);
    }
    for (size_t i = 0; i < COUNTERS; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    uint64_t value;
    assert_int_equal(abx_memory_space_load(fake->space, 16, 4, &value), ABX_OK);
    assert_int_equal(value, COUNTERS * STEPS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_width_touches_its_own_bytes, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(refuses_other_widths_and_places, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(only_changes_are_logged, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(compare_swap_loses_nothing, fake_setup, fake_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
