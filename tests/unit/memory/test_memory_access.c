/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_access.h"

#include "fake_backend.h"
#include "memory_dirty.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static uint64_t dirty_pages(fake_space *fake, abx_gpa gpa)
{
    uint64_t word = 0;
    assert_int_equal(abx_memory_space_get_dirty(fake->space, gpa, &word, 1), ABX_OK);
    return word;
}

static void writes_and_reads_across_regions(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, PAGE, 0);
    add(fake, PAGE, PAGE, 0);
    add(fake, 2 * PAGE, PAGE, 0);
    uint8_t out[PAGE + 20];
    uint8_t in[PAGE + 20];
    for (size_t i = 0; i < sizeof(out); i++) {
        out[i] = (uint8_t)(i * 7);
    }
    assert_int_equal(abx_memory_space_write(fake->space, PAGE - 10, out, sizeof(out)), ABX_OK);
    assert_int_equal(abx_memory_space_read(fake->space, PAGE - 10, in, sizeof(in)), ABX_OK);
    assert_memory_equal(in, out, sizeof(out));
    assert_int_equal(abx_memory_space_fill(fake->space, PAGE - 5, 9, PAGE + 10), ABX_OK);
    assert_int_equal(abx_memory_space_read(fake->space, PAGE - 10, in, sizeof(in)), ABX_OK);
    assert_memory_equal(in, out, 5);
    for (size_t i = 5; i < PAGE + 15; i++) {
        assert_int_equal(in[i], 9);
    }
    assert_memory_equal(in + PAGE + 15, out + PAGE + 15, 5);
}

static void a_hole_leaves_everything_as_it_is(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, PAGE, 0);
    add(fake, 2 * PAGE, PAGE, 0);
    uint8_t bytes[16];
    memset(bytes, 1, sizeof(bytes));
    assert_failed(abx_memory_space_write(fake->space, PAGE - 8, bytes, 16), ABX_ERR_RANGE, "write 0x10 bytes");
    assert_failed(abx_memory_space_fill(fake->space, 2 * PAGE, 1, PAGE + 1), ABX_ERR_RANGE, "fill");
    uint8_t seen[16];
    memset(seen, 5, sizeof(seen));
    assert_int_equal(abx_memory_space_read(fake->space, PAGE - 8, seen, 8), ABX_OK);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(seen[i], 0);
    }
    assert_failed(abx_memory_space_read(fake->space, PAGE - 8, bytes, 9), ABX_ERR_RANGE, "read");
    assert_int_equal(bytes[0], 1);
    assert_int_equal(abx_memory_space_read(fake->space, UINT64_MAX, NULL, 0), ABX_OK);
}

static void host_writes_are_in_the_dirty_log(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, 8 * PAGE, ABX_MEMORY_LOG_DIRTY);
    add(fake, 8 * PAGE, 8 * PAGE, ABX_MEMORY_LOG_DIRTY);
    add(fake, 16 * PAGE, PAGE, 0);
    uint8_t bytes[2 * PAGE] = { 0 };
    assert_int_equal(abx_memory_space_read(fake->space, 0, bytes, sizeof(bytes)), ABX_OK);
    assert_int_equal(dirty_pages(fake, 0), 0);
    assert_int_equal(abx_memory_space_write(fake->space, PAGE - 1, bytes, 1), ABX_OK);
    assert_int_equal(dirty_pages(fake, 0), 1);
    assert_int_equal(abx_memory_space_write(fake->space, 3 * PAGE - 1, bytes, 2), ABX_OK);
    assert_int_equal(dirty_pages(fake, 0), 1 | 4 | 8);
    assert_int_equal(abx_memory_space_fill(fake->space, 7 * PAGE + 1, 0, PAGE), ABX_OK);
    assert_int_equal(dirty_pages(fake, 0), 1 | 4 | 8 | 128);
    assert_int_equal(dirty_pages(fake, 8 * PAGE), 1);
    assert_int_equal(abx_memory_space_mark_dirty(fake->space, 15 * PAGE, 2 * PAGE), ABX_OK);
    assert_int_equal(dirty_pages(fake, 8 * PAGE), 1 | 128);
    assert_failed(abx_memory_space_mark_dirty(fake->space, 9 * PAGE, 9 * PAGE), ABX_ERR_RANGE, "mark");
    assert_failed(abx_memory_space_write(fake->space, 13 * PAGE, bytes, 5 * PAGE), ABX_ERR_RANGE, "write");
    assert_int_equal(dirty_pages(fake, 8 * PAGE), 1 | 128);
}

static void pointers_stay_in_one_region(void **state)
{
    fake_space *fake = *state;
    add(fake, 0x1000, 2 * PAGE, ABX_MEMORY_LOG_DIRTY);
    add(fake, 0x3000, PAGE, 0);
    abx_memory_info info;
    abx_memory_space_list(fake->space, &info, 1);
    uint8_t *host = info.host;
    uint32_t stay = abx_memory_space_enter(fake->space);
    assert_ptr_equal(abx_memory_space_at(fake->space, 0x1000, 2 * PAGE, false), host);
    assert_ptr_equal(abx_memory_space_at(fake->space, 0x2fff, 1, false), host + 0x1fff);
    assert_null(abx_memory_space_at(fake->space, 0x2fff, 2, false));
    assert_null(abx_memory_space_at(fake->space, 0x1000, UINT64_MAX, false));
    assert_null(abx_memory_space_at(fake->space, 0xfff, 1, false));
    assert_null(abx_memory_space_at(fake->space, 0x4000, 1, false));
    assert_int_equal(dirty_pages(fake, 0x1000), 0);
    assert_non_null(abx_memory_space_at(fake->space, 0x2000, 1, true));
    assert_int_equal(dirty_pages(fake, 0x1000), 2);

    uint64_t available = 99;
    assert_ptr_equal(abx_memory_space_span(fake->space, 0x1ff0, PAGE, false, &available), host + 0xff0);
    assert_int_equal(available, PAGE);
    assert_ptr_equal(abx_memory_space_span(fake->space, 0x1ff0, UINT64_MAX, true, &available), host + 0xff0);
    assert_int_equal(available, PAGE + 16);
    assert_int_equal(dirty_pages(fake, 0x1000), 3);
    available = 99;
    assert_null(abx_memory_space_span(fake->space, 0x4000, 1, false, &available));
    assert_int_equal(available, 99);
    abx_memory_space_leave(fake->space, stay);
}

static void read_only_is_for_the_guest(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, PAGE, ABX_MEMORY_READ_ONLY);
    uint64_t value = 42;
    assert_int_equal(abx_memory_space_write(fake->space, 8, &value, sizeof(value)), ABX_OK);
    uint32_t stay = abx_memory_space_enter(fake->space);
    const uint64_t *seen = abx_memory_space_at(fake->space, 8, 8, false);
    assert_int_equal(*seen, 42);
    assert_null(abx_memory_space_at(fake->space, 8, 8, true));
    uint64_t available;
    assert_null(abx_memory_space_span(fake->space, 8, 8, true, &available));
    abx_memory_space_leave(fake->space, stay);
}

enum { READERS = 3, ROUNDS = 2000 };

typedef struct hammer_job {
    fake_space *fake;
    atomic_bool stop;
    atomic_uint running;
} hammer_job;

/* The region at 0 is always there and holds 7; the one at 64 KiB comes and goes and holds 0 or 8. */
static void *look_up(void *context)
{
    hammer_job *hammer = context;
    abx_memory_space *space = hammer->fake->space;
    atomic_fetch_add(&hammer->running, 1);
    while (!atomic_load(&hammer->stop)) {
        uint32_t stay = abx_memory_space_enter(space);
        const uint8_t *fixed = abx_memory_space_at(space, 5, 1, false);
        if (!fixed || *fixed != 7) {
            abort();
        }
        const _Atomic uint8_t *moving = abx_memory_space_at(space, 0x10000, 2 * PAGE, false);
        for (int i = 0; moving && i < 3; i++) {
            sched_yield(); /* so that it may be removed meanwhile */
            uint8_t seen = atomic_load(&moving[PAGE]);
            if (seen != 0 && seen != 8) {
                abort();
            }
        }
        abx_memory_space_leave(space, stay);
        uint8_t byte = 0;
        if (abx_memory_space_read(space, 5, &byte, 1) != ABX_OK || byte != 7) {
            abort();
        }
    }
    return NULL;
}

static void look_ups_survive_changes(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, PAGE, 0);
    assert_int_equal(abx_memory_space_fill(fake->space, 0, 7, PAGE), ABX_OK);
    hammer_job hammer = { .fake = fake };
    pthread_t threads[READERS];
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, look_up, &hammer), 0);
    }
    while (atomic_load(&hammer.running) < READERS) {
        sched_yield();
    }
    for (int i = 0; i < ROUNDS; i++) {
        add(fake, 0x10000, 2 * PAGE, 0);
        uint32_t stay = abx_memory_space_enter(fake->space);
        _Atomic uint8_t *moving = abx_memory_space_at(fake->space, 0x10000, 2 * PAGE, true);
        assert_non_null(moving);
        atomic_store(&moving[PAGE], 8);
        abx_memory_space_leave(fake->space, stay);
        bool pause = i % 32 == 0;
        if (pause) {
            sched_yield(); /* so that readers are in it */
        }
        assert_int_equal(abx_memory_space_remove(fake->space, 0x10000), ABX_OK);
        if (pause) {
            sched_yield();
        }
    }
    atomic_store(&hammer.stop, true);
    for (size_t i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_and_reads_across_regions, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(a_hole_leaves_everything_as_it_is, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(host_writes_are_in_the_dirty_log, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(pointers_stay_in_one_region, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(read_only_is_for_the_guest, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(look_ups_survive_changes, fake_setup, fake_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
