/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The record of a failure: complete, of this thread, left alone by what succeeds. */
#include "contract.h"

#include <pthread.h>
#include <string.h>

static void test_null_is_refused(void **state)
{
    (void)state;
    abx_event event;
    static abx_status (*const calls[])(abx_vm * vm) = { abx_vm_start, abx_vm_pause, abx_vm_resume, abx_vm_stop };
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        assert_status(calls[i](NULL), ABX_ERR_INVALID);
        assert_advice(ABX_ERR_INVALID);
    }
    assert_status(abx_event_next(NULL, &event), ABX_ERR_INVALID);
    assert_record(ABX_ERR_INVALID);
    assert_status(abx_hypervisor_list(NULL, NULL, 0, NULL), ABX_ERR_INVALID);
    assert_record(ABX_ERR_INVALID);
    abx_vm_destroy(NULL);
}

static void test_success_leaves_the_record(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    abx_vm *vm = contract_vm(hypervisor, ABX_VM_CREATED);
    assert_status(abx_vm_resume(vm), ABX_ERR_STATE);
    char message[512];
    strncpy(message, abx_last_error()->message, sizeof(message) - 1);
    message[sizeof(message) - 1] = '\0';
    assert_ok(abx_vm_start(vm));
    assert_ok(abx_vm_stop(vm));
    assert_record(ABX_ERR_STATE);
    assert_string_equal(abx_last_error()->message, message);
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
    assert_string_equal(abx_last_error()->message, message);
}

static void *fail_elsewhere(void *vm)
{
    assert_int_equal(abx_last_error()->status, ABX_OK);
    assert_string_equal(abx_last_error()->message, "");
    assert_status(abx_vm_resume(vm), ABX_ERR_STATE);
    assert_record(ABX_ERR_STATE);
    return NULL;
}

static void test_each_thread_has_its_own(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    abx_vm *vm = contract_vm(hypervisor, ABX_VM_CREATED);
    abx_hypervisor *none = UNTOUCHED;
    assert_status(abx_hypervisor_open(&none, "no-such-backend", NULL), ABX_ERR_NOT_FOUND);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, fail_elsewhere, vm), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_advice(ABX_ERR_NOT_FOUND);
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
}

int run_error_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_null_is_refused),
        cmocka_unit_test(test_success_leaves_the_record),
        cmocka_unit_test(test_each_thread_has_its_own),
    };
    return cmocka_run_group_tests_name("errors", tests, NULL, NULL);
}
