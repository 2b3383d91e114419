/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "fake_managed.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_backend_does_every_step),           cmocka_unit_test(failed_steps_change_no_state),
        cmocka_unit_test(there_is_nothing_in_the_callers_hands), cmocka_unit_test(an_end_of_its_own_is_told),
        cmocka_unit_test(an_end_may_overtake_the_start),         cmocka_unit_test(pausing_may_be_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
