/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is under way when a machine comes to its end, whichever comes first. */
#include "vz_test.h"

#include <pthread.h>

enum { PORT = 9 };

/* A call in a thread of its own, while the test does something to the machine. */
typedef struct call {
    pthread_t thread;
    rig *rig;
    abx_status (*act)(rig *r);
    abx_status status;
} call;

static void *run(void *object)
{
    call *it = object;
    it->status = it->act(it->rig);
    return NULL;
}

static void begin(call *it, rig *r, abx_status (*act)(rig *r))
{
    *it = (call){ .rig = r, .act = act };
    assert_int_equal(pthread_create(&it->thread, NULL, run, it), 0);
}

static abx_status end(call *it)
{
    assert_int_equal(pthread_join(it->thread, NULL), 0);
    return it->status;
}

static abx_status connect(rig *r)
{
    int fd;
    return abx_vsock_connect(r->vm, PORT, PATIENCE_MS, &fd);
}

static abx_status pause_it(rig *r)
{
    return abx_vm_pause(r->vm);
}

static abx_status stop(rig *r)
{
    return abx_vm_stop(r->vm);
}

/* A connection to which nobody answers. */
static void connect_to_silence(rig *r, call *it)
{
    rig_add(r, ABX_DEVICE_VSOCK);
    rig_start(r);
    model_hold(true);
    begin(it, r, connect);
    model_wait_held(1);
}

static void a_connection_ends_with_its_guest(void **state)
{
    rig *r = *state;
    call it;
    connect_to_silence(r, &it);
    model_guest_power_off(model_machine());
    assert_status(end(&it), ABX_ERR_STATE);
    await_state(r->vm, ABX_VM_STOPPED);
    model_hold(false);
    model_let_go(0);
}

static void a_connection_ends_when_the_guest_fails(void **state)
{
    rig *r = *state;
    call it;
    connect_to_silence(r, &it);
    model_guest_crash(model_machine(), 1);
    assert_status(end(&it), ABX_ERR_STATE);
    await_state(r->vm, ABX_VM_FAILED);
    model_hold(false);
    model_let_go(0);
}

static void a_connection_ends_with_a_stop(void **state)
{
    rig *r = *state;
    call it;
    connect_to_silence(r, &it);
    model_hold(false);
    assert_ok(abx_vm_stop(r->vm));
    assert_status(end(&it), ABX_ERR_STATE);
    model_let_go(0);
}

/* The guest is faster than the pause that was asked for. */
static void a_pause_comes_too_late(void **state)
{
    rig *r = *state;
    call it;
    rig_start(r);
    model_hold(true);
    begin(&it, r, pause_it);
    model_wait_held(1);
    model_guest_power_off(model_machine());
    await_event(r->vm, ABX_EVENT_GUEST_SHUTDOWN);
    model_hold(false);
    model_let_go(0);
    assert_int_not_equal(end(&it), ABX_OK);
    assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_STOPPED);
}

/* The guest is faster than the stop that was asked for: that is an end all the same. */
static void a_stop_comes_too_late(void **state)
{
    rig *r = *state;
    call it;
    rig_start(r);
    model_hold(true);
    begin(&it, r, stop);
    model_wait_held(1);
    model_guest_power_off(model_machine());
    model_hold(false);
    model_let_go(0);
    assert_ok(end(&it));
    assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_STOPPED);
}

/* Twice over: the second end is none. */
static void a_guest_ends_once(void **state)
{
    rig *r = *state;
    abx_event event;
    rig_start(r);
    model_guest_power_off(model_machine());
    model_guest_crash(model_machine(), 1);
    await_state(r->vm, ABX_VM_STOPPED);
    while (abx_event_next(r->vm, &event) == ABX_OK)
        assert_int_not_equal(event.kind, ABX_EVENT_BACKEND_LOST);
    assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_STOPPED);
}

static void a_lost_network_is_told_by_its_place(void **state)
{
    rig *r = *state;
    rig_add(r, ABX_DEVICE_ENTROPY);
    rig_add(r, ABX_DEVICE_NET);
    rig_add(r, ABX_DEVICE_BALLOON);
    rig_add(r, ABX_DEVICE_NET);
    rig_start(r);
    model_guest_disconnect(model_machine(), 1, 7);
    assert_int_equal(await_event(r->vm, ABX_EVENT_NETWORK_DISCONNECTED).code, 3);
    model_guest_disconnect(model_machine(), 0, 7);
    assert_int_equal(await_event(r->vm, ABX_EVENT_NETWORK_DISCONNECTED).code, 1);
    assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_RUNNING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(a_connection_ends_with_its_guest),
        rig_test(a_connection_ends_when_the_guest_fails),
        rig_test(a_connection_ends_with_a_stop),
        rig_test(a_pause_comes_too_late),
        rig_test(a_stop_comes_too_late),
        rig_test(a_guest_ends_once),
        rig_test(a_lost_network_is_told_by_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
