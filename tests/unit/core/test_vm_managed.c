/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "fake_managed.h"
#include "fake_manual.h"

#include <arcbox/arcbox.h>

#include <pthread.h>
#include <string.h>

static void the_backend_does_every_step(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm();
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(abx_vm_pause(vm), ABX_OK);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_PAUSED);
    assert_int_equal(abx_vm_resume(vm), ABX_OK);
    assert_int_equal(abx_vm_stop(vm), ABX_OK);
    abx_vm_destroy(vm);
    assert_string_equal(fake_log_text(), "managed_open vm_create vm_start vm_pause vm_resume vm_stop vm_destroy "
                                         "managed_close");
}

static void failed_steps_change_no_state(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm();
    fake_log_fail("vm_start", ABX_ERR_TIMEOUT);
    assert_int_equal(abx_vm_start(vm), ABX_ERR_TIMEOUT);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_CREATED);
    fake_log_fail("vm_pause", ABX_ERR_TIMEOUT);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(abx_vm_pause(vm), ABX_ERR_TIMEOUT);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_RUNNING);
    fake_log_fail("vm_resume", ABX_ERR_TIMEOUT);
    assert_int_equal(abx_vm_pause(vm), ABX_OK);
    assert_int_equal(abx_vm_resume(vm), ABX_ERR_TIMEOUT);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_PAUSED);
    /* A stop is final even so. */
    fake_log_fail("vm_stop", ABX_ERR_LOST);
    assert_int_equal(abx_vm_stop(vm), ABX_OK);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_FAILED);
    abx_vm_destroy(vm);
}

static void there_is_nothing_in_the_callers_hands(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm();
    abx_vcpu *vcpu = NULL;
    uint64_t clock = 0;
    const abx_msi msi = { .address = 0xfee00000 };
    assert_int_equal(abx_vcpu_create(&vcpu, vm, 0), ABX_ERR_NOT_SUPPORTED);
    assert_non_null(strstr(abx_last_error()->advice, "managed"));
    assert_null(vcpu);
    assert_int_equal(abx_irq_set_line(vm, 0, true), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_irq_send_msi(vm, &msi), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_x86_get_clock(vm, &clock), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_memory_write(vm, 0, "x", 1), ABX_ERR_NOT_SUPPORTED);
    abx_vm_destroy(vm);
}

static void *end_by_itself(void *vm)
{
    abx_backend_vm_ended(vm, ABX_VM_STOPPED, "the guest switched itself off");
    return NULL;
}

static void an_end_of_its_own_is_told(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm();
    pthread_t thread;
    abx_event event;
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(pthread_create(&thread, NULL, end_by_itself, vm), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_STOPPED);
    assert_int_equal(abx_event_next(vm, &event), ABX_OK);
    assert_int_equal(event.state, ABX_VM_RUNNING);
    assert_int_equal(abx_event_next(vm, &event), ABX_OK);
    assert_int_equal(event.state, ABX_VM_STOPPED);
    assert_string_equal(event.text, "the guest switched itself off");

    /* Final: neither a second end nor a stop changes it, and the backend is not asked. */
    abx_backend_vm_ended(vm, ABX_VM_FAILED, "late");
    abx_backend_vm_ended(vm, ABX_VM_RUNNING, "nonsense");
    assert_int_equal(abx_vm_stop(vm), ABX_OK);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_STOPPED);
    assert_int_equal(abx_event_next(vm, &event), ABX_ERR_EMPTY);
    assert_null(strstr(fake_log_text(), "vm_stop"));
    abx_vm_destroy(vm);
}

static void lose_backend(abx_vm *vm)
{
    abx_backend_vm_ended(vm, ABX_VM_FAILED, "died");
}

static void end_guest(abx_vm *vm)
{
    abx_backend_vm_ended(vm, ABX_VM_STOPPED, NULL);
}

/* The end comes from another thread than the start, so it may come first. */
static void an_end_may_overtake_the_start(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm();
    fake_managed_at_start = end_guest;
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_STOPPED);
    abx_vm_destroy(vm);

    vm = fake_managed_vm();
    fake_managed_at_start = lose_backend;
    assert_int_equal(abx_vm_start(vm), ABX_ERR_LOST);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_FAILED);
    assert_int_equal(abx_vm_stop(vm), ABX_OK);
    abx_vm_destroy(vm);
}

static void expect_state(abx_vm *vm, abx_vm_state state, const char *text)
{
    abx_event event;
    assert_int_equal(abx_event_next(vm, &event), ABX_OK);
    assert_int_equal(event.kind, ABX_EVENT_STATE);
    assert_int_equal(event.state, state);
    assert_string_equal(event.text, text);
}

static void a_pause_of_its_own_is_told(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm();
    abx_event event;
    abx_backend_vm_changed(NULL, ABX_VM_PAUSED, NULL);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    expect_state(vm, ABX_VM_RUNNING, "");
    abx_backend_vm_changed(vm, ABX_VM_PAUSED, "a fault");
    expect_state(vm, ABX_VM_PAUSED, "a fault");
    assert_int_equal(abx_vm_pause(vm), ABX_ERR_STATE);
    assert_int_equal(abx_vm_resume(vm), ABX_OK);
    expect_state(vm, ABX_VM_RUNNING, "");
    assert_int_equal(abx_vm_pause(vm), ABX_OK);
    expect_state(vm, ABX_VM_PAUSED, "");
    abx_backend_vm_changed(vm, ABX_VM_RUNNING, NULL);
    expect_state(vm, ABX_VM_RUNNING, "");
    assert_int_equal(abx_vm_stop(vm), ABX_OK);
    expect_state(vm, ABX_VM_STOPPED, "");
    abx_backend_vm_changed(vm, ABX_VM_PAUSED, "late");
    assert_int_equal(abx_event_next(vm, &event), ABX_ERR_EMPTY);
    abx_vm_destroy(vm);
}

static void pause_guest(abx_vm *vm)
{
    abx_backend_vm_changed(vm, ABX_VM_RUNNING, NULL);
    abx_backend_vm_changed(vm, ABX_VM_PAUSED, "a fault at once");
}

/* A pause that overtakes the start is told after it. */
static void a_pause_during_the_start(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm();
    fake_managed_at_start = pause_guest;
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    expect_state(vm, ABX_VM_RUNNING, "");
    expect_state(vm, ABX_VM_PAUSED, "a fault at once");
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_PAUSED);
    abx_vm_destroy(vm);
}

static void pausing_may_be_absent(void **state)
{
    (void)state;
    abx_backend backend = fake_managed;
    backend.vm_pause = NULL;
    const abx_backend *const list[] = { &backend };
    abx_hypervisor_options options = fake_managed_options;
    abx_hypervisor *hypervisor;
    abx_vm *vm;
    fake_log_reset();
    fake_managed_at_start = NULL;
    options.backends = list;
    assert_int_equal(abx_hypervisor_open(&hypervisor, "qemu", &options), ABX_OK);
    assert_int_equal(abx_vm_create(&vm, hypervisor, NULL), ABX_OK);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(abx_vm_pause(vm), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_RUNNING);
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
}

static void requests_go_to_a_running_guest(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm();
    assert_int_equal(abx_vm_request_stop(NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_vm_request_stop(vm), ABX_ERR_STATE);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(abx_vm_request_stop(vm), ABX_OK);
    /* The guest takes its time. */
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_RUNNING);
    fake_log_fail("vm_request_stop", ABX_ERR_TIMEOUT);
    assert_int_equal(abx_vm_request_stop(vm), ABX_ERR_TIMEOUT);
    assert_int_equal(abx_vm_pause(vm), ABX_OK);
    assert_int_equal(abx_vm_request_stop(vm), ABX_ERR_STATE);
    abx_vm_destroy(vm);
}

static pthread_t guest;

static void obey_later(abx_vm *vm)
{
    assert_int_equal(pthread_create(&guest, NULL, end_by_itself, vm), 0);
}

static void a_guest_that_obeys_is_not_stopped(void **state)
{
    (void)state;
    static const int patience[] = { -1, 600000 };
    for (size_t i = 0; i < 2; i++) {
        abx_vm *vm = fake_managed_vm();
        fake_managed_at_request = obey_later;
        assert_int_equal(abx_vm_start(vm), ABX_OK);
        assert_int_equal(abx_vm_shut_down(vm, patience[i]), ABX_OK);
        assert_int_equal(abx_vm_get_state(vm), ABX_VM_STOPPED);
        assert_int_equal(pthread_join(guest, NULL), 0);
        assert_int_equal(abx_vm_shut_down(vm, 0), ABX_OK);
        assert_null(strstr(fake_log_text(), "vm_stop"));
        abx_vm_destroy(vm);
    }
}

static void a_guest_that_does_not_is(void **state)
{
    (void)state;
    static const int patience[] = { 0, 2 };
    for (size_t i = 0; i < 2; i++) {
        abx_vm *vm = fake_managed_vm();
        assert_int_equal(abx_vm_start(vm), ABX_OK);
        assert_int_equal(abx_vm_shut_down(vm, patience[i]), ABX_ERR_TIMEOUT);
        assert_int_equal(abx_vm_get_state(vm), ABX_VM_STOPPED);
        assert_non_null(strstr(fake_log_text(), "vm_request_stop vm_stop"));
        abx_vm_destroy(vm);
    }
    abx_vm *vm = fake_managed_vm();
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    fake_log_fail("vm_stop", ABX_ERR_LOST);
    assert_int_equal(abx_vm_shut_down(vm, 0), ABX_ERR_LOST);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_FAILED);
    abx_vm_destroy(vm);
}

static void shutting_down_from_other_states(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm();
    assert_int_equal(abx_vm_shut_down(vm, -2), ABX_ERR_INVALID);
    assert_int_equal(abx_vm_shut_down(NULL, 0), ABX_ERR_INVALID);
    assert_int_equal(abx_vm_shut_down(vm, -1), ABX_OK);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_STOPPED);
    abx_vm_destroy(vm);

    vm = fake_managed_vm();
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(abx_vm_pause(vm), ABX_OK);
    assert_int_equal(abx_vm_shut_down(vm, -1), ABX_ERR_STATE);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_PAUSED);
    abx_vm_destroy(vm);
}

/* The request fails: because the guest has just ended, because the backend is lost, or for its own reasons. */
static void requests_that_fail(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm();
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    fake_managed_at_request = end_guest;
    fake_log_fail("vm_request_stop", ABX_ERR_STATE);
    assert_int_equal(abx_vm_shut_down(vm, -1), ABX_OK);
    abx_vm_destroy(vm);

    vm = fake_managed_vm();
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    fake_managed_at_request = lose_backend;
    assert_int_equal(abx_vm_shut_down(vm, -1), ABX_ERR_LOST);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_FAILED);
    abx_vm_destroy(vm);

    vm = fake_managed_vm();
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    fake_log_fail("vm_request_stop", ABX_ERR_SYSTEM);
    assert_int_equal(abx_vm_shut_down(vm, -1), ABX_ERR_SYSTEM);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_STOPPED);
    abx_vm_destroy(vm);
}

static void a_paused_machine_is_saved(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm();
    assert_int_equal(abx_vm_save(vm, "file"), ABX_ERR_STATE);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(abx_vm_save(vm, "file"), ABX_ERR_STATE);
    assert_int_equal(abx_vm_pause(vm), ABX_OK);
    assert_int_equal(abx_vm_save(vm, "file"), ABX_OK);
    fake_log_fail("vm_save", ABX_ERR_PERMISSION);
    assert_int_equal(abx_vm_save(vm, "file"), ABX_ERR_PERMISSION);
    assert_int_equal(abx_vm_save(NULL, "file"), ABX_ERR_INVALID);
    assert_int_equal(abx_vm_save(vm, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_vm_save(vm, ""), ABX_ERR_INVALID);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_PAUSED);
    abx_vm_destroy(vm);
}

static void a_restored_machine_is_paused(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm();
    abx_event event;
    fake_log_fail("vm_restore", ABX_ERR_FORMAT);
    assert_int_equal(abx_vm_restore(vm, "file"), ABX_ERR_FORMAT);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_CREATED);
    fake_log_fail(NULL, ABX_OK);
    assert_int_equal(abx_vm_restore(NULL, "file"), ABX_ERR_INVALID);
    assert_int_equal(abx_vm_restore(vm, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_vm_restore(vm, "file"), ABX_OK);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_PAUSED);
    assert_int_equal(abx_event_next(vm, &event), ABX_OK);
    assert_int_equal(event.state, ABX_VM_PAUSED);
    assert_int_equal(abx_vm_restore(vm, "file"), ABX_ERR_STATE);
    assert_int_equal(abx_vm_start(vm), ABX_ERR_STATE);
    assert_int_equal(abx_vm_resume(vm), ABX_OK);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_RUNNING);
    abx_vm_destroy(vm);
}

static void a_machine_knows_who_it_is(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm();
    char id[4];
    size_t size = 0;
    assert_int_equal(abx_vm_get_machine_id(vm, NULL, 0, &size), ABX_ERR_LIMIT);
    assert_int_equal(size, 4);
    assert_int_equal(abx_vm_get_machine_id(vm, id, sizeof(id), &size), ABX_OK);
    assert_string_equal(id, "me!");
    assert_int_equal(abx_vm_get_machine_id(NULL, id, sizeof(id), &size), ABX_ERR_INVALID);
    assert_int_equal(abx_vm_get_machine_id(vm, NULL, 4, &size), ABX_ERR_INVALID);
    assert_int_equal(abx_vm_get_machine_id(vm, id, 4, NULL), ABX_ERR_INVALID);
    abx_vm_destroy(vm);
}

static void cpu_time_is_asked_at_any_time(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm();
    uint64_t taken = 0;
    fake_managed_cpu_time = 1234;
    assert_int_equal(abx_vm_get_cpu_time(vm, &taken), ABX_OK);
    assert_int_equal(taken, 1234);
    fake_managed_cpu_time = 5678;
    fake_log_fail("vm_get_cpu_time", ABX_ERR_STATE);
    assert_int_equal(abx_vm_get_cpu_time(vm, &taken), ABX_ERR_STATE);
    assert_int_equal(taken, 1234);
    assert_int_equal(abx_vm_get_cpu_time(NULL, &taken), ABX_ERR_INVALID);
    assert_int_equal(abx_vm_get_cpu_time(vm, NULL), ABX_ERR_INVALID);
    abx_vm_destroy(vm);
}

static void a_manual_vm_has_none_of_it(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    size_t size = 0;
    uint64_t taken;
    assert_int_equal(abx_vm_request_stop(vm), ABX_ERR_NOT_SUPPORTED);
    assert_non_null(strstr(abx_last_error()->advice, "fake is manual"));
    assert_int_equal(abx_vm_shut_down(vm, 0), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_vm_save(vm, "file"), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_vm_restore(vm, "file"), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_vm_get_machine_id(vm, NULL, 0, &size), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_vm_get_cpu_time(vm, &taken), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_CREATED);
    abx_vm_destroy(vm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_backend_does_every_step),
        cmocka_unit_test(failed_steps_change_no_state),
        cmocka_unit_test(there_is_nothing_in_the_callers_hands),
        cmocka_unit_test(an_end_of_its_own_is_told),
        cmocka_unit_test(an_end_may_overtake_the_start),
        cmocka_unit_test(a_pause_of_its_own_is_told),
        cmocka_unit_test(a_pause_during_the_start),
        cmocka_unit_test(pausing_may_be_absent),
        cmocka_unit_test(requests_go_to_a_running_guest),
        cmocka_unit_test(a_guest_that_obeys_is_not_stopped),
        cmocka_unit_test(a_guest_that_does_not_is),
        cmocka_unit_test(shutting_down_from_other_states),
        cmocka_unit_test(requests_that_fail),
        cmocka_unit_test(a_paused_machine_is_saved),
        cmocka_unit_test(a_restored_machine_is_paused),
        cmocka_unit_test(a_machine_knows_who_it_is),
        cmocka_unit_test(cpu_time_is_asked_at_any_time),
        cmocka_unit_test(a_manual_vm_has_none_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
