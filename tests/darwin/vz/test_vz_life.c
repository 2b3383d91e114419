/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/vm_object.h"
#include "vm_internal.h"
#include "vz_api.h"

static void start_pause_resume_stop(void **state)
{
    rig *r = *state;
    rig_start(r);
    assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_RUNNING);
    assert_ok(abx_vm_pause(r->vm));
    assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_PAUSED);
    assert_ok(abx_vm_resume(r->vm));
    assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_RUNNING);
    assert_ok(abx_vm_stop(r->vm));
    assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_STOPPED);
}

static void stop_from_every_state(void **state)
{
    rig *r = *state;
    for (int steps = 0; steps < 3; steps++) {
        rig_create(r);
        if (steps > 0)
            assert_ok(abx_vm_start(r->vm));
        if (steps > 1)
            assert_ok(abx_vm_pause(r->vm));
        assert_ok(abx_vm_stop(r->vm));
        assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_STOPPED);
        abx_vm_destroy(r->vm);
        r->vm = NULL;
    }
}

static void destroyed_in_every_state(void **state)
{
    rig *r = *state;
    for (int steps = 0; steps < 3; steps++) {
        rig_create(r);
        if (steps > 0)
            assert_ok(abx_vm_start(r->vm));
        if (steps > 1)
            assert_ok(abx_vm_pause(r->vm));
        abx_vm_destroy(r->vm);
        r->vm = NULL;
        assert_string_equal(model_alive(), "");
    }
}

static void a_failed_start_is_an_event(void **state)
{
    rig *r = *state;
    rig_create(r);
    model_fail_operation("start", 6, VZVirtualMachineStateError);
    assert_status(abx_vm_start(r->vm), ABX_ERR_LIMIT);
    assert_message("start a VM with Virtualization.framework");
    assert_message("(VZErrorDomain 6)");
    abx_event event = await_state(r->vm, ABX_VM_FAILED);
    assert_string_not_equal(event.text, "");
}

static void other_operations_that_fail_change_nothing(void **state)
{
    rig *r = *state;
    rig_start(r);
    model_fail_operation("pause", 1, 0);
    assert_status(abx_vm_pause(r->vm), ABX_ERR_SYSTEM);
    assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_RUNNING);
    assert_ok(abx_vm_pause(r->vm));
    model_fail_operation("resume", 1, 0);
    assert_status(abx_vm_resume(r->vm), ABX_ERR_SYSTEM);
    assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_PAUSED);
    assert_ok(abx_vm_resume(r->vm));
}

static void a_stop_that_fails_ends_the_guest_all_the_same(void **state)
{
    rig *r = *state;
    rig_start(r);
    model_fail_operation("stop", 1, 0);
    assert_ok(abx_vm_stop(r->vm));
    assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_FAILED);
    assert_null(model_machine());
}

static void a_guest_that_ends_during_the_stop(void **state)
{
    rig *r = *state;
    rig_start(r);
    model_guest_power_off(model_machine());
    assert_ok(abx_vm_stop(r->vm));
    assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_STOPPED);
}

static void macos_11_has_no_stop(void **state)
{
    rig *r = *state;
    model.major = 11;
    rig_start(r);
    assert_ok(abx_vm_stop(r->vm));
    assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_STOPPED);
    assert_null(model_machine());
}

static void a_guest_that_is_asked_switches_off(void **state)
{
    rig *r = *state;
    rig_start(r);
    assert_ok(abx_vm_request_stop(r->vm));
    await_event(r->vm, ABX_EVENT_GUEST_SHUTDOWN);
    await_state(r->vm, ABX_VM_STOPPED);
    assert_status(abx_vm_request_stop(r->vm), ABX_ERR_STATE);
}

static void a_guest_that_does_not_listen_is_stopped(void **state)
{
    rig *r = *state;
    model.guest_ignores_stop = true;
    rig_start(r);
    assert_status(abx_vm_shut_down(r->vm, 10), ABX_ERR_TIMEOUT);
    assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_STOPPED);
}

static void a_machine_that_cannot_be_asked(void **state)
{
    rig *r = *state;
    rig_create(r);
    assert_status(abx_vz_vm_request_stop(abx_vm_backend_object(r->vm)), ABX_ERR_STATE);
    assert_message("The machine is stopped.");
    assert_status(abx_vz_vm_pause(abx_vm_backend_object(r->vm)), ABX_ERR_STATE);
    assert_status(abx_vz_vm_resume(abx_vm_backend_object(r->vm)), ABX_ERR_STATE);
    assert_ok(abx_vm_start(r->vm));
    assert_status(abx_vz_vm_start(abx_vm_backend_object(r->vm)), ABX_ERR_STATE);
    assert_message("The machine is running.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(start_pause_resume_stop),
        rig_test(stop_from_every_state),
        rig_test(destroyed_in_every_state),
        rig_test(a_failed_start_is_an_event),
        rig_test(other_operations_that_fail_change_nothing),
        rig_test(a_stop_that_fails_ends_the_guest_all_the_same),
        rig_test(a_guest_that_ends_during_the_stop),
        rig_test(macos_11_has_no_stop),
        rig_test(a_guest_that_is_asked_switches_off),
        rig_test(a_guest_that_does_not_listen_is_stopped),
        rig_test(a_machine_that_cannot_be_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
