/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/transition.h"
#include "vm_internal.h"
#include "vz_api.h"

static bool never(id machine)
{
    (void)machine;
    return false;
}

static bool always(id machine)
{
    (void)machine;
    return true;
}

/* Answers nothing and keeps nothing. */
static void forget(id machine, const void *handler)
{
    (void)machine;
    (void)handler;
}

static void forget_url(id machine, id url, const void *handler)
{
    (void)machine;
    (void)url;
    (void)handler;
}

static abx_status run(rig *r, const abx_vz_transition *transition, bool *begun)
{
    abx_vz_fault fault;
    if (!r->vm)
        rig_create(r);
    abx_status status = abx_vz_transition_run(abx_vm_backend_object(r->vm), transition, begun, &fault);
    assert_status(fault.status, status);
    return status;
}

static void refused_in_the_wrong_state(void **state)
{
    bool begun = true;
    const abx_vz_transition transition = { .operation = "turn", .allowed = never, .send = forget, .timeout_ms = -1 };
    assert_status(run(*state, &transition, &begun), ABX_ERR_STATE);
    assert_false(begun);
}

static void refused_without_a_url(void **state)
{
    bool begun = true;
    const abx_vz_transition transition = {
        .operation = "turn", .allowed = always, .send_url = forget_url, .path = "\xff", .timeout_ms = -1
    };
    assert_status(run(*state, &transition, &begun), ABX_ERR_INVALID);
    assert_false(begun);
}

static void a_handler_that_is_dropped(void **state)
{
    bool begun = false;
    const abx_vz_transition transition = { .operation = "turn", .allowed = always, .send = forget, .timeout_ms = -1 };
    assert_status(run(*state, &transition, &begun), ABX_ERR_LOST);
    assert_true(begun);
}

static void an_answer_that_comes_too_late(void **state)
{
    rig *r = *state;
    bool begun = false;
    const abx_vz_transition start = { .operation = "start",
                                      .allowed = VZVirtualMachine_canStart,
                                      .send = VZVirtualMachine_startWithCompletionHandler_,
                                      .timeout_ms = 10 };
    model_hold(true);
    assert_status(run(r, &start, &begun), ABX_ERR_TIMEOUT);
    assert_true(begun);
    assert_message("There was no answer in 10 ms.");
    model_hold(false);
    model_let_go(0);
}

typedef struct visit {
    abx_vz_vm *vm;
    abx_status status;
} visit;

static void run_on_the_queue(void *context)
{
    visit *v = context;
    v->status = abx_vz_vm_start(v->vm);
}

static void refused_on_the_queue(void **state)
{
    rig *r = *state;
    rig_create(r);
    visit v = { .vm = abx_vm_backend_object(r->vm) };
    abx_vz_queue_call(v.vm->queue, run_on_the_queue, &v);
    assert_status(v.status, ABX_ERR_THREAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(refused_in_the_wrong_state),    rig_test(refused_without_a_url), rig_test(a_handler_that_is_dropped),
        rig_test(an_answer_that_comes_too_late), rig_test(refused_on_the_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
