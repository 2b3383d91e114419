/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_guard.h"

#include "fake_backend.h"

#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>

static void empty_guard_does_not_wait(void **state)
{
    (void)state;
    abx_grace grace;
    assert_int_equal(abx_grace_init(&grace), ABX_OK);
    assert_true(abx_grace_idle(&grace));
    for (int i = 0; i < 3; i++) {
        abx_grace_wait(&grace);
    }
    abx_grace_destroy(&grace);
}

static void stays_nest_and_count(void **state)
{
    (void)state;
    abx_grace grace;
    assert_int_equal(abx_grace_init(&grace), ABX_OK);
    uint32_t outer = abx_grace_enter(&grace);
    uint32_t inner = abx_grace_enter(&grace);
    assert_true(outer != ABX_GRACE_OUTSIDE && inner != ABX_GRACE_OUTSIDE);
    assert_false(abx_grace_idle(&grace));
    abx_grace_leave(&grace, outer);
    assert_false(abx_grace_idle(&grace));
    abx_grace_leave(&grace, inner);
    assert_true(abx_grace_idle(&grace));
    abx_grace_wait(&grace);
    abx_grace_destroy(&grace);
}

typedef struct wait_scene {
    abx_grace grace;
    sem_t ready;
    atomic_bool done;
} wait_scene;

static void *wait_once(void *context)
{
    wait_scene *scene = context;
    sem_post(&scene->ready);
    abx_grace_wait(&scene->grace);
    atomic_store(&scene->done, true);
    return NULL;
}

/* Whatever the waiter does in the meantime, newcomers come and go and the old stay alone holds it. */
static void waits_for_old_stays_and_not_for_new_ones(void **state)
{
    (void)state;
    wait_scene scene = { .done = false };
    assert_int_equal(abx_grace_init(&scene.grace), ABX_OK);
    assert_int_equal(sem_init(&scene.ready, 0, 0), 0);
    uint32_t old = abx_grace_enter(&scene.grace);
    pthread_t waiter;
    assert_int_equal(pthread_create(&waiter, NULL, wait_once, &scene), 0);
    sem_wait(&scene.ready);
    /* The phase turns once the waiter has looked; from then on newcomers are in the other one. */
    while (atomic_load(&scene.grace.phase) == (old & 1)) {
        sched_yield();
    }
    uint32_t late = abx_grace_enter(&scene.grace);
    for (int i = 0; i < 1000; i++) {
        abx_grace_leave(&scene.grace, abx_grace_enter(&scene.grace));
        assert_false(atomic_load(&scene.done));
    }
    abx_grace_leave(&scene.grace, old);
    pthread_join(waiter, NULL); /* although `late` still stays */
    assert_true(atomic_load(&scene.done));
    abx_grace_leave(&scene.grace, late);
    sem_destroy(&scene.ready);
    abx_grace_destroy(&scene.grace);
}

/* A reader may take the phase, sleep for a whole grace period and count itself only then: it is waited for as well. */
static void waits_for_who_took_the_phase_long_ago(void **state)
{
    (void)state;
    wait_scene scene = { .done = false };
    assert_int_equal(abx_grace_init(&scene.grace), ABX_OK);
    assert_int_equal(sem_init(&scene.ready, 0, 0), 0);
    uint32_t late = abx_grace_enter(&scene.grace);
    abx_grace_leave(&scene.grace, late);
    abx_grace_wait(&scene.grace);
    assert_true(atomic_load(&scene.grace.phase) != (late & 1));
    atomic_fetch_add(&scene.grace.stripes[late >> 1].readers[late & 1], 1);
    pthread_t waiter;
    assert_int_equal(pthread_create(&waiter, NULL, wait_once, &scene), 0);
    sem_wait(&scene.ready);
    while (!atomic_load(&scene.grace.waiting)) {
        assert_false(atomic_load(&scene.done));
        sched_yield();
    }
    abx_grace_leave(&scene.grace, late);
    pthread_join(waiter, NULL);
    sem_destroy(&scene.ready);
    abx_grace_destroy(&scene.grace);
}

enum { READERS = 3, ROUNDS = 3000 };

typedef struct hammer_job {
    abx_grace grace;
    _Atomic(int *) shared;
    atomic_bool stop;
} hammer_job;

static void *read_shared(void *context)
{
    hammer_job *hammer = context;
    uint64_t sum = 0;
    while (!atomic_load(&hammer->stop)) {
        uint32_t ticket = abx_grace_enter(&hammer->grace);
        const int *value = atomic_load(&hammer->shared);
        if (*value != 42) { /* freed values are something else, and sanitizers see the access */
            abort();
        }
        uint32_t nested = abx_grace_enter(&hammer->grace);
        sum += (uint64_t)*value;
        abx_grace_leave(&hammer->grace, nested);
        abx_grace_leave(&hammer->grace, ticket);
    }
    return (void *)(uintptr_t)(sum != 0);
}

static int *new_value(void)
{
    int *value = malloc(sizeof(*value));
    assert_non_null(value);
    *value = 42;
    return value;
}

static void *replace_shared(void *context)
{
    hammer_job *hammer = context;
    for (int i = 0; i < ROUNDS; i++) {
        int *old = atomic_exchange(&hammer->shared, new_value());
        abx_grace_wait(&hammer->grace);
        *old = 0;
        free(old);
    }
    return NULL;
}

static void nothing_is_freed_under_a_reader(void **state)
{
    (void)state;
    hammer_job hammer = { .stop = false };
    assert_int_equal(abx_grace_init(&hammer.grace), ABX_OK);
    atomic_init(&hammer.shared, new_value());
    pthread_t readers[READERS];
    pthread_t writers[2];
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(pthread_create(&readers[i], NULL, read_shared, &hammer), 0);
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&writers[i], NULL, replace_shared, &hammer), 0);
    }
    for (size_t i = 0; i < 2; i++) {
        pthread_join(writers[i], NULL);
    }
    atomic_store(&hammer.stop, true);
    for (size_t i = 0; i < READERS; i++) {
        pthread_join(readers[i], NULL);
    }
    assert_true(abx_grace_idle(&hammer.grace));
    free(atomic_load(&hammer.shared));
    abx_grace_destroy(&hammer.grace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_guard_does_not_wait),
        cmocka_unit_test(stays_nest_and_count),
        cmocka_unit_test(waits_for_old_stays_and_not_for_new_ones),
        cmocka_unit_test(waits_for_who_took_the_phase_long_ago),
        cmocka_unit_test(nothing_is_freed_under_a_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
