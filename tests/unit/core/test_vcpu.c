/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What one thread sees of a vCPU. test_vcpu_threads.c has the rest. */
#include "cmocka_all.h"
#include "fake_manual.h"

#include <arcbox/event.h>

#include <pthread.h>
#include <string.h>

static abx_vcpu *create(abx_vm *vm, uint32_t id)
{
    abx_vcpu *vcpu;
    assert_int_equal(abx_vcpu_create(&vcpu, vm, id), ABX_OK);
    return vcpu;
}

static void expect_run(abx_vcpu *vcpu, abx_exit_kind kind)
{
    abx_exit exit;
    memset(&exit, 0xee, sizeof(exit));
    assert_int_equal(abx_vcpu_run(vcpu, &exit), ABX_OK);
    assert_string_equal(abx_exit_kind_name(exit.kind), abx_exit_kind_name(kind));
}

static void numbers_are_checked(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(2);
    abx_vcpu *none = NULL;
    abx_vcpu *vcpu = create(vm, 1);
    assert_int_equal(abx_vcpu_id(vcpu), 1);
    assert_int_equal(abx_vcpu_create(&none, vm, 1), ABX_ERR_EXISTS);
    assert_int_equal(abx_vcpu_create(&none, vm, 2), ABX_ERR_LIMIT);
    assert_int_equal(abx_vcpu_create(&none, NULL, 0), ABX_ERR_INVALID);
    assert_int_equal(abx_vcpu_create(NULL, vm, 0), ABX_ERR_INVALID);
    assert_null(none);
    assert_int_equal(abx_vcpu_destroy(vcpu), ABX_OK);
    vcpu = create(vm, 1);
    assert_int_equal(abx_vcpu_destroy(vcpu), ABX_OK);
    assert_int_equal(abx_vcpu_destroy(NULL), ABX_OK);
    abx_vm_destroy(vm);
    assert_string_equal(fake_log_text(),
                        "open vm_create vm_seal vcpu_create vcpu_destroy vcpu_create vcpu_destroy vm_destroy close");
}

static void failed_creation_leaves_nothing(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    abx_vcpu *vcpu = NULL;
    abx_event event;
    fake_log_fail("vm_seal", ABX_ERR_LIMIT);
    assert_int_equal(abx_vcpu_create(&vcpu, vm, 0), ABX_ERR_LIMIT);
    fake_log_fail("vcpu_create", ABX_ERR_NO_MEMORY);
    assert_int_equal(abx_vcpu_create(&vcpu, vm, 0), ABX_ERR_NO_MEMORY);
    assert_null(vcpu);
    assert_int_equal(abx_event_next(vm, &event), ABX_ERR_EMPTY);
    fake_log_fail(NULL, ABX_OK);
    assert_int_equal(abx_vcpu_destroy(create(vm, 0)), ABX_OK);
    abx_vm_destroy(vm);
}

static void coming_and_going_are_events(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(4);
    abx_event event;
    abx_vcpu *vcpu = create(vm, 3);
    assert_int_equal(abx_event_next(vm, &event), ABX_OK);
    assert_int_equal(event.kind, ABX_EVENT_VCPU_ON);
    assert_int_equal(event.vcpu, 3);
    assert_int_equal(abx_vcpu_destroy(vcpu), ABX_OK);
    assert_int_equal(abx_event_next(vm, &event), ABX_OK);
    assert_int_equal(event.kind, ABX_EVENT_VCPU_OFF);
    assert_int_equal(event.vcpu, 3);
    abx_vm_destroy(vm);
}

static void running_follows_the_vms_life(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    abx_vcpu *vcpu = create(vm, 0);
    abx_exit exit = { .kind = ABX_EXIT_NMI };
    assert_int_equal(abx_vcpu_run(vcpu, &exit), ABX_ERR_STATE);
    assert_int_equal(exit.kind, ABX_EXIT_NMI);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    expect_run(vcpu, ABX_EXIT_IO);
    expect_run(vcpu, ABX_EXIT_IO);
    assert_int_equal(atomic_load(&fake_manual_vcpu(0)->entries), 2);
    assert_int_equal(abx_vm_stop(vm), ABX_OK);
    expect_run(vcpu, ABX_EXIT_STOPPED);
    abx_vcpu_kick(vcpu);
    expect_run(vcpu, ABX_EXIT_STOPPED);
    assert_int_equal(atomic_load(&fake_manual_vcpu(0)->entries), 2);
    abx_vcpu *late = NULL;
    assert_int_equal(abx_vcpu_destroy(vcpu), ABX_OK);
    assert_int_equal(abx_vcpu_create(&late, vm, 0), ABX_ERR_STATE);
    abx_vm_destroy(vm);
}

static void a_kick_before_ends_one_run(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    abx_vcpu *vcpu = create(vm, 0);
    abx_vcpu_kick(vcpu);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    expect_run(vcpu, ABX_EXIT_INTERRUPTED);
    expect_run(vcpu, ABX_EXIT_IO);
    for (int i = 0; i < 5; i++)
        abx_vcpu_kick(vcpu);
    expect_run(vcpu, ABX_EXIT_INTERRUPTED);
    expect_run(vcpu, ABX_EXIT_IO);
    assert_int_equal(abx_vcpu_destroy(vcpu), ABX_OK);
    abx_vm_destroy(vm);
}

/* While the VM is paused a kick is the only way back to the caller. */
static void a_kick_ends_the_wait_of_a_pause(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    abx_vcpu *vcpu = create(vm, 0);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(abx_vm_pause(vm), ABX_OK);
    abx_vcpu_kick(vcpu);
    expect_run(vcpu, ABX_EXIT_INTERRUPTED);
    assert_non_null(strstr(fake_log_text(), "vcpu_complete_io"));
    assert_int_equal(atomic_load(&fake_manual_vcpu(0)->entries), 0);
    assert_int_equal(abx_vm_resume(vm), ABX_OK);
    expect_run(vcpu, ABX_EXIT_IO);
    assert_int_equal(abx_vcpu_destroy(vcpu), ABX_OK);
    abx_vm_destroy(vm);
}

static void an_instructions_other_accesses_come_out_while_paused(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    abx_vcpu *vcpu = create(vm, 0);
    fake_manual_guest(fake_guest_crosses);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    expect_run(vcpu, ABX_EXIT_MMIO);
    assert_int_equal(abx_vm_pause(vm), ABX_OK);
    expect_run(vcpu, ABX_EXIT_MMIO);
    abx_vcpu_kick(vcpu);
    expect_run(vcpu, ABX_EXIT_INTERRUPTED);
    assert_int_equal(fake_manual_vcpu(0)->pending_io, 0);
    assert_int_equal(atomic_load(&fake_manual_vcpu(0)->entries), 1);
    assert_int_equal(abx_vcpu_destroy(vcpu), ABX_OK);
    abx_vm_destroy(vm);
}

/* The fake backend forgets kicks when it completes I/O: the core gives them back. */
static void completing_io_keeps_kicks(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    abx_vcpu *vcpu = create(vm, 0);
    size_t size;
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    abx_vcpu_kick(vcpu);
    assert_int_equal(abx_vcpu_complete_io(vcpu), ABX_OK);
    expect_run(vcpu, ABX_EXIT_INTERRUPTED);
    abx_vcpu_kick(vcpu);
    assert_int_equal(abx_vcpu_save_state(vcpu, NULL, 0, &size), ABX_ERR_LIMIT);
    expect_run(vcpu, ABX_EXIT_INTERRUPTED);
    expect_run(vcpu, ABX_EXIT_IO);

    fake_manual_guest(fake_guest_crosses);
    expect_run(vcpu, ABX_EXIT_MMIO);
    assert_int_equal(abx_vcpu_complete_io(vcpu), ABX_ERR_BUSY);
    assert_non_null(strstr(abx_last_error()->advice, "another access"));
    expect_run(vcpu, ABX_EXIT_MMIO);
    assert_int_equal(abx_vcpu_complete_io(vcpu), ABX_OK);
    assert_int_equal(abx_vcpu_destroy(vcpu), ABX_OK);
    abx_vm_destroy(vm);
}

static void a_run_that_fails_leaves_the_exit_alone(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    abx_vcpu *vcpu = create(vm, 0);
    abx_exit exit = { .kind = ABX_EXIT_NMI, .reason = 5 };
    fake_manual_guest(fake_guest_fails);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(abx_vcpu_run(vcpu, &exit), ABX_ERR_SYSTEM);
    assert_int_equal(exit.kind, ABX_EXIT_NMI);
    assert_int_equal(exit.reason, 5);
    assert_int_equal(abx_vcpu_run(NULL, &exit), ABX_ERR_INVALID);
    assert_int_equal(abx_vcpu_run(vcpu, NULL), ABX_ERR_INVALID);
    fake_manual_guest(fake_guest_exits);
    expect_run(vcpu, ABX_EXIT_IO);
    assert_int_equal(abx_vcpu_destroy(vcpu), ABX_OK);
    abx_vm_destroy(vm);
}

static void vcpus_keep_what_they_need(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(2);
    abx_vcpu *first = create(vm, 0);
    abx_vcpu *second = create(vm, 1);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    abx_vm_destroy(vm);
    expect_run(first, ABX_EXIT_STOPPED);
    assert_int_equal(abx_vcpu_destroy(first), ABX_OK);
    assert_null(strstr(fake_log_text(), "vm_destroy"));
    expect_run(second, ABX_EXIT_STOPPED);
    assert_int_equal(abx_vcpu_destroy(second), ABX_OK);
    assert_non_null(strstr(fake_log_text(), "vcpu_destroy vcpu_destroy vm_destroy close"));
}

static void *use_elsewhere(void *argument)
{
    abx_vcpu *vcpu = argument;
    abx_exit exit;
    uint64_t value;
    assert_int_equal(abx_vcpu_run(vcpu, &exit), ABX_ERR_THREAD);
    assert_int_equal(abx_vcpu_destroy(vcpu), ABX_ERR_THREAD);
    assert_int_equal(abx_vcpu_complete_io(vcpu), ABX_ERR_THREAD);
    assert_int_equal(abx_vcpu_read_register(vcpu, ABX_X86_RAX, &value), ABX_ERR_THREAD);
    assert_int_equal(abx_vcpu_inject_vector(vcpu, 3), ABX_ERR_THREAD);
    assert_int_equal(abx_vcpu_set_debug(vcpu, NULL), ABX_ERR_THREAD);
    assert_int_equal(abx_x86_get_tsc_khz(vcpu, &(uint32_t){ 0 }), ABX_ERR_THREAD);
    assert_false(abx_vcpu_interrupt_ready(vcpu));
    assert_int_equal(abx_vcpu_id(vcpu), 0);
    abx_vcpu_kick(vcpu);
    return NULL;
}

static void other_threads_may_only_kick(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    abx_vcpu *vcpu = create(vm, 0);
    pthread_t thread;
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(pthread_create(&thread, NULL, use_elsewhere, vcpu), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    expect_run(vcpu, ABX_EXIT_INTERRUPTED);
    assert_int_equal(abx_vcpu_destroy(vcpu), ABX_OK);
    abx_vm_destroy(vm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_checked),
        cmocka_unit_test(failed_creation_leaves_nothing),
        cmocka_unit_test(coming_and_going_are_events),
        cmocka_unit_test(running_follows_the_vms_life),
        cmocka_unit_test(a_kick_before_ends_one_run),
        cmocka_unit_test(a_kick_ends_the_wait_of_a_pause),
        cmocka_unit_test(an_instructions_other_accesses_come_out_while_paused),
        cmocka_unit_test(completing_io_keeps_kicks),
        cmocka_unit_test(a_run_that_fails_leaves_the_exit_alone),
        cmocka_unit_test(vcpus_keep_what_they_need),
        cmocka_unit_test(other_threads_may_only_kick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
