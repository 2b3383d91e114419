/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "model_test.h"
#include "queue.h"

#include <pthread.h>
#include <stdatomic.h>

enum { THREADS = 4, ROUNDS = 500 };

static dispatch_queue_t queue;
static long counted; /* guarded by the queue alone */

static void count(void *context)
{
    (void)context;
    counted++;
}

static void *count_often(void *context)
{
    for (int i = 0; i < ROUNDS; i++)
        dispatch_sync_f(queue, context, count);
    return NULL;
}

static void one_at_a_time(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    counted = 0;
    queue = dispatch_queue_create("count", NULL);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_often, NULL), 0);
    for (int i = 0; i < ROUNDS; i++)
        model_queue_async(queue, NULL, count);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    model_queues_settle();
    assert_int_equal(counted, (THREADS + 1) * ROUNDS);
    dispatch_release(queue);
    assert_nothing_alive();
}

static long order[3];

static void note(void *context)
{
    order[counted++] = *(const long *)context;
}

static void in_order_of_arrival(void **state)
{
    (void)state;
    static const long numbers[] = { 1, 2, 3 };
    counted = 0;
    queue = dispatch_queue_create("order", NULL);
    model_queue_async(queue, (void *)(uintptr_t)&numbers[0], note);
    model_queue_async(queue, (void *)(uintptr_t)&numbers[1], note);
    dispatch_sync_f(queue, (void *)(uintptr_t)&numbers[2], note);
    assert_int_equal(order[0], 1);
    assert_int_equal(order[1], 2);
    assert_int_equal(order[2], 3);
    dispatch_release(queue);
    assert_nothing_alive();
}

static const char key;
static void *seen;

static void look(void *context)
{
    (void)context;
    seen = dispatch_get_specific(&key);
}

static void a_queue_knows_itself(void **state)
{
    (void)state;
    queue = dispatch_queue_create("known", NULL);
    dispatch_queue_set_specific(queue, &key, queue, NULL);
    assert_null(dispatch_get_specific(&key));
    dispatch_sync_f(queue, NULL, look);
    assert_ptr_equal(seen, queue);
    dispatch_release(queue);
    assert_nothing_alive();
}

static void wait_for_itself(void *context)
{
    dispatch_sync_f(queue, context, count);
}

static void sync_inside(void)
{
    queue = dispatch_queue_create("deadlock", NULL);
    dispatch_sync_f(queue, NULL, wait_for_itself);
}

static void use_after_release(void)
{
    queue = dispatch_queue_create("gone", NULL);
    dispatch_release(queue);
    dispatch_sync_f(queue, NULL, count);
}

static void release_twice(void)
{
    queue = dispatch_queue_create("gone", NULL);
    dispatch_release(queue);
    dispatch_release(queue);
}

static void off_queue(void)
{
    queue = dispatch_queue_create("other", NULL);
    model_queue_assert(queue, "state");
}

static void autorelease_there(void *context)
{
    (void)context;
    objc_autorelease(make("NSObject"));
}

/* dispatch_sync_f() brings no pool along. */
static void sync_without_pool(void)
{
    queue = dispatch_queue_create("pool", NULL);
    dispatch_sync_f(queue, NULL, autorelease_there);
}

static void queues_are_used_rightly(void **state)
{
    (void)state;
    assert_dies(sync_inside, "it waits for itself");
    assert_dies(use_after_release, "use of a released queue");
    assert_dies(release_twice, "released already");
    assert_dies(off_queue, "state is used outside the machine's queue");
    assert_dies(sync_without_pool, "where no pool is");
}

static void signal_it(void *context)
{
    dispatch_semaphore_signal(context);
}

static void semaphores_wait_and_time_out(void **state)
{
    (void)state;
    dispatch_semaphore_t semaphore = dispatch_semaphore_create(0);
    assert_int_not_equal(dispatch_semaphore_wait(semaphore, DISPATCH_TIME_NOW), 0);
    assert_int_not_equal(dispatch_semaphore_wait(semaphore, dispatch_time(DISPATCH_TIME_NOW, 1000000)), 0);
    queue = dispatch_queue_create("signal", NULL);
    model_queue_async(queue, semaphore, signal_it);
    assert_int_equal(dispatch_semaphore_wait(semaphore, DISPATCH_TIME_FOREVER), 0);
    dispatch_semaphore_signal(semaphore);
    assert_int_equal(dispatch_semaphore_wait(semaphore, DISPATCH_TIME_NOW), 0);
    dispatch_release(queue);
    dispatch_release(semaphore);
    assert_nothing_alive();
}

static void release_in_use(void)
{
    dispatch_semaphore_t semaphore = dispatch_semaphore_create(1);
    dispatch_semaphore_wait(semaphore, DISPATCH_TIME_FOREVER);
    dispatch_release(semaphore);
}

static void signal_after_release(void)
{
    dispatch_semaphore_t semaphore = dispatch_semaphore_create(0);
    dispatch_release(semaphore);
    dispatch_semaphore_signal(semaphore);
}

static void semaphores_are_used_rightly(void **state)
{
    (void)state;
    assert_dies(release_in_use, "while it is in use");
    assert_dies(signal_after_release, "use of a released semaphore");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        /* Children first: the thread sanitizer wants no threads where a process forks. */
        cmocka_unit_test(queues_are_used_rightly), cmocka_unit_test(semaphores_are_used_rightly),
        cmocka_unit_test(one_at_a_time),           cmocka_unit_test(in_order_of_arrival),
        cmocka_unit_test(a_queue_knows_itself),    cmocka_unit_test(semaphores_wait_and_time_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
