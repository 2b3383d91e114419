/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/foundation.h"
#include "darwin/vz/queue.h"

typedef struct visit {
    dispatch_queue_t queue;
    int count;
    abx_status may_wait;
} visit;

static void look(void *context)
{
    visit *v = context;
    v->count++;
    v->may_wait = abx_vz_queue_may_wait(v->queue, "wait");
}

static void look_twice(void *context)
{
    visit *v = context;
    look(v);
    abx_vz_queue_call(v->queue, look, v);
}

static void calls_are_done_when_they_return(void **state)
{
    (void)state;
    visit v = { 0 };
    assert_ok(abx_vz_queue_new(&v.queue));
    abx_vz_queue_call(v.queue, look, &v);
    assert_int_equal(v.count, 1);
    dispatch_release(v.queue);
}

static void only_those_on_the_queue_must_not_wait(void **state)
{
    (void)state;
    visit v = { 0 };
    assert_ok(abx_vz_queue_new(&v.queue));
    assert_ok(abx_vz_queue_may_wait(v.queue, "wait"));
    abx_vz_queue_call(v.queue, look, &v);
    assert_status(v.may_wait, ABX_ERR_THREAD);
    dispatch_release(v.queue);
}

static void calls_nest(void **state)
{
    (void)state;
    visit v = { 0 };
    assert_ok(abx_vz_queue_new(&v.queue));
    abx_vz_queue_call(v.queue, look_twice, &v);
    assert_int_equal(v.count, 2);
    dispatch_release(v.queue);
}

static void leave_garbage(void *context)
{
    (void)context;
    abx_ns_string("garbage");
}

static void every_call_has_a_pool(void **state)
{
    (void)state;
    dispatch_queue_t queue;
    assert_ok(abx_vz_queue_new(&queue));
    abx_vz_queue_call(queue, leave_garbage, NULL);
    dispatch_release(queue);
    assert_string_equal(model_alive(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(calls_are_done_when_they_return),
        rig_test(only_those_on_the_queue_must_not_wait),
        rig_test(calls_nest),
        rig_test(every_call_has_a_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
