/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"

#include "virtio/worker.h"

#include <semaphore.h>

static abx_loop *loop;
static abx_virtio_worker worker;

/* What the work did; with `waits` it stays inside until it is let go. */
static struct {
    unsigned runs;
    bool waits, rings;
    sem_t began, goes_on;
    bool held_inside; /* it was, at the end */
} did;

static void work(void *device)
{
    assert_ptr_equal(device, &did);
    did.runs++;
    if (did.rings) {
        did.rings = false;
        abx_virtio_worker_ring(&worker);
    }
    if (!did.waits)
        return;
    sem_post(&did.began);
    sem_wait(&did.goes_on);
    did.held_inside = abx_virtio_worker_is_held(&worker);
}

static int begin(void **state)
{
    (void)state;
    did.runs = 0;
    did.waits = did.rings = did.held_inside = false;
    if (sem_init(&did.began, 0, 0) || sem_init(&did.goes_on, 0, 0) || abx_loop_new(&loop) != ABX_OK)
        return -1;
    return abx_virtio_worker_start(&worker, loop, work, &did) == ABX_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    abx_loop_stop(loop);
    abx_virtio_worker_end(&worker);
    abx_loop_free(loop);
    sem_destroy(&did.began);
    sem_destroy(&did.goes_on);
    return 0;
}

static unsigned runs_after_a_turn(void)
{
    abx_loop_dispatch(loop);
    return did.runs;
}

static void a_new_one_is_held(void **state)
{
    (void)state;
    assert_true(abx_virtio_worker_is_held(&worker));
    abx_virtio_worker_ring(&worker);
    assert_int_equal(runs_after_a_turn(), 0);
    abx_virtio_worker_release(&worker);
    assert_false(abx_virtio_worker_is_held(&worker));
    assert_int_equal(runs_after_a_turn(), 1);
    assert_int_equal(runs_after_a_turn(), 1);
}

/* Nobody rang while it was held, and yet there may be something. */
static void the_last_release_rings(void **state)
{
    (void)state;
    abx_virtio_worker_hold(&worker);
    abx_virtio_worker_release(&worker);
    assert_true(abx_virtio_worker_is_held(&worker));
    assert_int_equal(runs_after_a_turn(), 0);
    abx_virtio_worker_release(&worker);
    assert_int_equal(runs_after_a_turn(), 1);
}

static void rings_come_together(void **state)
{
    (void)state;
    abx_virtio_worker_release(&worker);
    for (int i = 0; i < 5; i++)
        abx_virtio_worker_ring(&worker);
    assert_int_equal(runs_after_a_turn(), 1);
    abx_virtio_worker_ring(&worker);
    assert_int_equal(runs_after_a_turn(), 2);
}

/* What is rung for during the work may have come too late for it. */
static void a_ring_from_within_is_not_lost(void **state)
{
    (void)state;
    did.rings = true;
    abx_virtio_worker_release(&worker);
    unsigned runs = runs_after_a_turn();
    if (runs < 2)
        runs = runs_after_a_turn();
    assert_int_equal(runs, 2);
    assert_int_equal(runs_after_a_turn(), 2);
}

static void *hold(void *argument)
{
    abx_virtio_worker_hold(&worker);
    *(bool *)argument = did.held_inside;
    return NULL;
}

/* And the work hears that somebody waits. */
static void a_hold_waits_for_the_work_in_hand(void **state)
{
    (void)state;
    pthread_t holder;
    bool was_held = false;
    did.waits = true;
    assert_int_equal(abx_loop_start(loop), ABX_OK);
    abx_virtio_worker_release(&worker);
    sem_wait(&did.began);
    assert_int_equal(pthread_create(&holder, NULL, hold, &was_held), 0);
    while (!abx_virtio_worker_is_held(&worker))
        sched_yield();
    abx_virtio_worker_ring(&worker);
    sem_post(&did.goes_on);
    pthread_join(holder, NULL);
    assert_true(was_held);
    abx_loop_stop(loop);
    assert_int_equal(did.runs, 1);
}

/* A vCPU that stops a queue while the loop waits for that vCPU in a pause: the hold does not need the loop. */
static void a_hold_does_not_wait_for_the_loop(void **state)
{
    (void)state;
    abx_virtio_worker_release(&worker);
    abx_virtio_worker_hold(&worker);
    assert_int_equal(did.runs, 0);
    assert_int_equal(runs_after_a_turn(), 0);
}

static void *hold_and_release(void *argument)
{
    (void)argument;
    for (int i = 0; i < 1000; i++) {
        abx_virtio_worker_hold(&worker);
        unsigned before = did.runs;
        abx_virtio_worker_ring(&worker);
        assert_int_equal(did.runs, before);
        abx_virtio_worker_release(&worker);
    }
    return NULL;
}

static void holders_and_work_exclude_each_other(void **state)
{
    (void)state;
    pthread_t holders[2];
    assert_int_equal(abx_loop_start(loop), ABX_OK);
    abx_virtio_worker_release(&worker);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&holders[i], NULL, hold_and_release, NULL), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(holders[i], NULL);
    abx_virtio_worker_hold(&worker);
    unsigned runs = did.runs;
    assert_in_range(runs, 0, 2001);
    abx_virtio_worker_release(&worker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_one_is_held, begin, end),
        cmocka_unit_test_setup_teardown(the_last_release_rings, begin, end),
        cmocka_unit_test_setup_teardown(rings_come_together, begin, end),
        cmocka_unit_test_setup_teardown(a_ring_from_within_is_not_lost, begin, end),
        cmocka_unit_test_setup_teardown(a_hold_waits_for_the_work_in_hand, begin, end),
        cmocka_unit_test_setup_teardown(a_hold_does_not_wait_for_the_loop, begin, end),
        cmocka_unit_test_setup_teardown(holders_and_work_exclude_each_other, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
