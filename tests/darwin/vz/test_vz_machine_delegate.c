/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/vm_object.h"
#include "vm_internal.h"

static void a_guest_that_switches_itself_off(void **state)
{
    rig *r = *state;
    rig_start(r);
    model_guest_power_off(model_machine());
    await_event(r->vm, ABX_EVENT_GUEST_SHUTDOWN);
    abx_event event = await_state(r->vm, ABX_VM_STOPPED);
    assert_string_equal(event.text, "");
    assert_status(abx_vm_pause(r->vm), ABX_ERR_STATE);
}

static void a_machine_that_is_lost(void **state)
{
    rig *r = *state;
    rig_start(r);
    model_guest_crash(model_machine(), 1);
    abx_event event = await_event(r->vm, ABX_EVENT_BACKEND_LOST);
    assert_string_not_equal(event.text, "");
    event = await_state(r->vm, ABX_VM_FAILED);
    assert_string_not_equal(event.text, "");
    assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_FAILED);
}

static void a_network_that_comes_apart_again_and_again(void **state)
{
    rig *r = *state;
    rig_add(r, ABX_DEVICE_NET);
    rig_start(r);
    for (int i = 0; i < 3; i++) {
        model_guest_disconnect(model_machine(), 0, 7);
        abx_event event = await_event(r->vm, ABX_EVENT_NETWORK_DISCONNECTED);
        assert_int_equal(event.code, 0);
    }
}

/* What an observer may not do, and may. */
typedef struct witness {
    abx_vm *vm;
    abx_status stop;
    abx_vm_state state;
} witness;

static void observe(void *payload, const abx_event *event)
{
    witness *w = payload;
    if (event->kind != ABX_EVENT_GUEST_SHUTDOWN)
        return;
    w->stop = abx_vz_vm_stop(abx_vm_backend_object(w->vm));
    w->state = abx_vm_get_state(w->vm);
}

static void observers_are_on_the_queue(void **state)
{
    rig *r = *state;
    rig_create(r);
    witness w = { .vm = r->vm };
    assert_ok(abx_event_observe(r->vm, observe, &w));
    assert_ok(abx_vm_start(r->vm));
    model_guest_power_off(model_machine());
    await_state(r->vm, ABX_VM_STOPPED);
    assert_status(w.stop, ABX_ERR_THREAD);
    assert_int_equal(w.state, ABX_VM_RUNNING);
}

static void an_end_that_we_make_is_no_news(void **state)
{
    rig *r = *state;
    abx_event event;
    rig_start(r);
    assert_ok(abx_vm_stop(r->vm));
    while (abx_event_next(r->vm, &event) == ABX_OK)
        assert_int_equal(event.kind, ABX_EVENT_STATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(a_guest_that_switches_itself_off),
        rig_test(a_machine_that_is_lost),
        rig_test(a_network_that_comes_apart_again_and_again),
        rig_test(observers_are_on_the_queue),
        rig_test(an_end_that_we_make_is_no_news),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
