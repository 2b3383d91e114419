/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_dirty.h"

#include "fake_backend.h"
#include "memory_access.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>

static void guest_and_host_writes_are_merged(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, 130 * PAGE, ABX_MEMORY_LOG_DIRTY);
    fake->dirty[0][0] = 1;
    fake->dirty[0][2] = UINT64_MAX; /* more than the region's two pages there */
    assert_int_equal(abx_memory_space_fill(fake->space, 64 * PAGE, 1, 1), ABX_OK);
    uint64_t bitmap[4] = { 7, 7, 7, 7 };
    assert_int_equal(abx_memory_space_get_dirty(fake->space, 0, bitmap, 4), ABX_OK);
    assert_int_equal(bitmap[0], 1);
    assert_int_equal(bitmap[1], 1);
    assert_int_equal(bitmap[2], 3);
    assert_int_equal(bitmap[3], 7);
    /* Fetching does not clear. */
    assert_int_equal(abx_memory_space_get_dirty(fake->space, 0, bitmap, 3), ABX_OK);
    assert_int_equal(bitmap[0], 1);
}

static void clearing_takes_the_named_pages_only(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, 64 * PAGE, ABX_MEMORY_LOG_DIRTY);
    fake->dirty[0][0] = 0xf0;
    assert_int_equal(abx_memory_space_fill(fake->space, 0, 1, 4 * PAGE), ABX_OK);
    uint64_t some = 0x33;
    assert_int_equal(abx_memory_space_clear_dirty(fake->space, 0, &some, 1), ABX_OK);
    uint64_t left;
    assert_int_equal(abx_memory_space_get_dirty(fake->space, 0, &left, 1), ABX_OK);
    assert_int_equal(left, 0xcc);
    assert_int_equal(abx_memory_space_fill(fake->space, 0, 1, 1), ABX_OK);
    assert_int_equal(abx_memory_space_get_dirty(fake->space, 0, &left, 1), ABX_OK);
    assert_int_equal(left, 0xcd);
}

static void the_log_comes_and_goes(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, PAGE, ABX_MEMORY_READ_ONLY);
    uint64_t word = 9;
    assert_failed(abx_memory_space_get_dirty(fake->space, 0, &word, 1), ABX_ERR_STATE, "abx_memory_log_dirty");
    assert_failed(abx_memory_space_clear_dirty(fake->space, 0, &word, 1), ABX_ERR_STATE, "abx_memory_log_dirty");
    assert_int_equal(abx_memory_space_fill(fake->space, 0, 1, 1), ABX_OK); /* before the log: not in it */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(abx_memory_space_log_dirty(fake->space, 0, true), ABX_OK);
        assert_int_equal(fake->slots[0].flags, ABX_MEMORY_READ_ONLY | ABX_MEMORY_LOG_DIRTY);
        assert_int_equal(abx_memory_space_get_dirty(fake->space, 0, &word, 1), ABX_OK);
        assert_int_equal(word, 0);
        assert_int_equal(abx_memory_space_fill(fake->space, 0, 1, 1), ABX_OK);
        /* Once more changes nothing. */
        int calls = fake->calls;
        assert_int_equal(abx_memory_space_log_dirty(fake->space, 0, true), ABX_OK);
        assert_int_equal(fake->calls, calls);
        assert_int_equal(abx_memory_space_get_dirty(fake->space, 0, &word, 1), ABX_OK);
        assert_int_equal(word, 1);
        assert_int_equal(abx_memory_space_log_dirty(fake->space, 0, false), ABX_OK);
        assert_int_equal(fake->slots[0].flags, ABX_MEMORY_READ_ONLY);
        abx_memory_info info;
        abx_memory_space_list(fake->space, &info, 1);
        assert_int_equal(info.flags, ABX_MEMORY_READ_ONLY);
    }
}

static void failures_leave_log_and_bitmap_alone(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, 65 * PAGE, 0);
    fake->fail_in = 1;
    assert_failed(abx_memory_space_log_dirty(fake->space, 0, true), ABX_ERR_SYSTEM, "fake backend");
    uint64_t bitmap[2] = { 5, 5 };
    assert_failed(abx_memory_space_get_dirty(fake->space, 0, bitmap, 2), ABX_ERR_STATE, "log");
    assert_int_equal(abx_memory_space_log_dirty(fake->space, 0, true), ABX_OK);
    assert_int_equal(abx_memory_space_fill(fake->space, 0, 1, PAGE), ABX_OK);
    fake->dirty[0][1] = 1;
    fake->fail_in = 1;
    assert_failed(abx_memory_space_get_dirty(fake->space, 0, bitmap, 2), ABX_ERR_SYSTEM, "fake backend");
    assert_failed(abx_memory_space_get_dirty(fake->space, 0, bitmap, 1), ABX_ERR_LIMIT, "1 of 2 words");
    assert_failed(abx_memory_space_get_dirty(fake->space, PAGE, bitmap, 2), ABX_ERR_NOT_FOUND, "0x1000");
    assert_int_equal(bitmap[0], 5);
    assert_int_equal(bitmap[1], 5);
    const uint64_t all[2] = { UINT64_MAX, UINT64_MAX };
    fake->fail_in = 1;
    assert_failed(abx_memory_space_clear_dirty(fake->space, 0, all, 2), ABX_ERR_SYSTEM, "fake backend");
    assert_failed(abx_memory_space_clear_dirty(fake->space, 0, all, 1), ABX_ERR_LIMIT, "words");
    fake->fail_in = 1;
    assert_failed(abx_memory_space_log_dirty(fake->space, 0, false), ABX_ERR_SYSTEM, "fake backend");
    assert_int_equal(abx_memory_space_get_dirty(fake->space, 0, bitmap, 2), ABX_OK);
    assert_int_equal(bitmap[0], 1);
    assert_int_equal(bitmap[1], 1);
}

static void a_backend_without_a_log_says_so(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, PAGE, 0);
    uint64_t word = 0;
    fake->table.memory_get_dirty = NULL;
    fake->table.memory_clear_dirty = NULL;
    fake->table.memory_set_flags = NULL;
    assert_failed(abx_memory_space_get_dirty(fake->space, 0, &word, 1), ABX_ERR_NOT_SUPPORTED, "backend");
    assert_failed(abx_memory_space_clear_dirty(fake->space, 0, &word, 1), ABX_ERR_NOT_SUPPORTED, "backend");
    assert_failed(abx_memory_space_log_dirty(fake->space, 0, true), ABX_ERR_NOT_SUPPORTED, "backend");
    assert_failed(abx_memory_space_log_dirty(fake->space, 0, false), ABX_ERR_NOT_SUPPORTED, "backend");
}

typedef struct wait_job {
    fake_space *fake;
    bool start; /* the log; otherwise clear it */
    sem_t begun;
    atomic_bool done;
} wait_job;

static void *start_or_clear(void *context)
{
    wait_job *waiter = context;
    const uint64_t all = UINT64_MAX;
    sem_post(&waiter->begun);
    abx_status status = waiter->start ? abx_memory_space_log_dirty(waiter->fake->space, 0, true)
                                      : abx_memory_space_clear_dirty(waiter->fake->space, 0, &all, 1);
    atomic_store(&waiter->done, true);
    return status == ABX_OK ? NULL : waiter;
}

/* A writer that got its pointer before must have left when the call returns. */
static void waits_for_a_writer(fake_space *fake, bool start)
{
    wait_job waiter = { .fake = fake, .start = start };
    assert_int_equal(sem_init(&waiter.begun, 0, 0), 0);
    uint32_t stay = abx_memory_space_enter(fake->space);
    uint8_t *host = abx_memory_space_at(fake->space, 0, PAGE, true);
    assert_non_null(host);
    int calls = fake->calls;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, start_or_clear, &waiter), 0);
    sem_wait(&waiter.begun);
    /* Takes the lock, and so comes after the other's change once the flags or the bits say that it was made. */
    uint64_t word = 1;
    abx_memory_info info = { .flags = 0 };
    while (start ? !(info.flags & ABX_MEMORY_LOG_DIRTY) : word != 0) {
        abx_memory_space_list(fake->space, &info, 1);
        if (!start) {
            assert_int_equal(abx_memory_space_get_dirty(fake->space, 0, &word, 1), ABX_OK);
        }
        sched_yield();
    }
    for (int i = 0; i < 1000; i++) {
        assert_false(atomic_load(&waiter.done));
    }
    host[0]++;
    abx_memory_space_leave(fake->space, stay);
    void *failed;
    pthread_join(thread, &failed);
    assert_null(failed);
    assert_true(fake->calls > calls);
    sem_destroy(&waiter.begun);
}

static void starting_waits_for_writers(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, PAGE, 0);
    waits_for_a_writer(fake, true);
}

static void clearing_waits_for_writers(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, PAGE, ABX_MEMORY_LOG_DIRTY);
    waits_for_a_writer(fake, false);
}

enum { ROUNDS = 3000 };

typedef struct copy_job {
    fake_space *fake;
    atomic_bool stop;
} copy_job;

static void *write_counters(void *context)
{
    copy_job *copier = context;
    uint64_t value = 1;
    while (!atomic_load(&copier->stop)) {
        uint32_t stay = abx_memory_space_enter(copier->fake->space);
        _Atomic uint64_t *host = abx_memory_space_at(copier->fake->space, value % 8 * PAGE, 8, true);
        atomic_store(host, value++);
        abx_memory_space_leave(copier->fake->space, stay);
    }
    return NULL;
}

/* An incremental copy made by fetch, clear, copy while another thread writes is the memory itself in the end. */
static void an_incremental_copy_misses_nothing(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, 8 * PAGE, ABX_MEMORY_LOG_DIRTY);
    copy_job copier = { .fake = fake };
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, write_counters, &copier), 0);
    uint64_t copy[8] = { 0 };
    abx_memory_info info;
    abx_memory_space_list(fake->space, &info, 1);
    for (int round = 0; round <= ROUNDS; round++) {
        if (round == ROUNDS) {
            atomic_store(&copier.stop, true);
            pthread_join(thread, NULL);
        }
        uint64_t word;
        assert_int_equal(abx_memory_space_get_dirty(fake->space, 0, &word, 1), ABX_OK);
        assert_int_equal(abx_memory_space_clear_dirty(fake->space, 0, &word, 1), ABX_OK);
        for (size_t page = 0; page < 8; page++) {
            if (word >> page & 1) {
                copy[page] = atomic_load((_Atomic uint64_t *)((uint8_t *)info.host + page * PAGE));
            }
        }
    }
    for (size_t page = 0; page < 8; page++) {
        assert_int_equal(copy[page], *(uint64_t *)((uint8_t *)info.host + page * PAGE));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(guest_and_host_writes_are_merged, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(clearing_takes_the_named_pages_only, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(the_log_comes_and_goes, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(failures_leave_log_and_bitmap_alone, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(a_backend_without_a_log_says_so, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(starting_waits_for_writers, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(clearing_waits_for_writers, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(an_incremental_copy_misses_nothing, fake_setup, fake_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
