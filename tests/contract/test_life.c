/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Create, start, pause, resume, stop, destroy: what is legal from where. */
#include "contract.h"

#include <string.h>

/* Every step that is not legal in each state. */
static void test_illegal_steps(void **state)
{
    (void)state;
    static const struct {
        abx_status (*call)(abx_vm *vm);
        abx_vm_state from; /* the only one it is legal from */
    } steps[] = { { abx_vm_start, ABX_VM_CREATED },
                  { abx_vm_pause, ABX_VM_RUNNING },
                  { abx_vm_resume, ABX_VM_PAUSED } };
    abx_hypervisor *hypervisor = contract_open();
    for (int from = ABX_VM_CREATED; from <= ABX_VM_STOPPED; from++) {
        abx_vm *vm = contract_vm(hypervisor, (abx_vm_state)from);
        for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
            if ((int)steps[i].from == from)
                continue;
            assert_status(steps[i].call(vm), ABX_ERR_STATE);
            assert_record(ABX_ERR_STATE);
            assert_non_null(strstr(abx_last_error()->operation, abx_vm_state_name((abx_vm_state)from)));
            assert_int_equal(abx_vm_get_state(vm), from);
        }
        abx_vm_destroy(vm);
    }
    abx_hypervisor_close(hypervisor);
}

static void test_stop_is_legal_everywhere_and_final(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    for (int from = ABX_VM_CREATED; from <= ABX_VM_STOPPED; from++) {
        abx_vm *vm = contract_vm(hypervisor, (abx_vm_state)from);
        for (int i = 0; i < 2; i++) {
            assert_ok(abx_vm_stop(vm));
            assert_int_equal(abx_vm_get_state(vm), ABX_VM_STOPPED);
        }
        abx_vm_destroy(vm);
    }
    abx_hypervisor_close(hypervisor);
}

static void test_pause_and_resume_many_times(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    abx_vm *vm = contract_vm(hypervisor, ABX_VM_RUNNING);
    for (int i = 0; i < 20; i++) {
        assert_ok(abx_vm_pause(vm));
        assert_int_equal(abx_vm_get_state(vm), ABX_VM_PAUSED);
        assert_ok(abx_vm_resume(vm));
        assert_int_equal(abx_vm_get_state(vm), ABX_VM_RUNNING);
    }
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
}

/* A VM keeps its hypervisor open. */
static void test_hypervisor_closed_first(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    abx_vm *vm = contract_vm(hypervisor, ABX_VM_CREATED);
    abx_hypervisor_close(hypervisor);
    assert_ok(abx_vm_start(vm));
    assert_ptr_equal(abx_vm_get_hypervisor(vm), hypervisor);
    assert_string_equal(abx_hypervisor_backend(abx_vm_get_hypervisor(vm)), contract_backend);
    abx_vm_destroy(vm);
}

static void test_two_at_a_time(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    if (abx_hypervisor_capabilities(hypervisor)->max_vms == 1) {
        abx_hypervisor_close(hypervisor);
        print_message("skipped: this backend has one VM per process\n");
        skip();
    }
    abx_vm *first = contract_vm(hypervisor, ABX_VM_RUNNING);
    abx_vm *second = contract_vm(hypervisor, ABX_VM_RUNNING);
    assert_ok(abx_vm_pause(first));
    assert_int_equal(abx_vm_get_state(second), ABX_VM_RUNNING);
    abx_vm_destroy(first);
    assert_ok(abx_vm_pause(second));
    assert_ok(abx_vm_resume(second));
    abx_vm_destroy(second);
    abx_hypervisor_close(hypervisor);
}

int run_life_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_illegal_steps),
        cmocka_unit_test(test_stop_is_legal_everywhere_and_final),
        cmocka_unit_test(test_pause_and_resume_many_times),
        cmocka_unit_test(test_hypervisor_closed_first),
        cmocka_unit_test(test_two_at_a_time),
    };
    return cmocka_run_group_tests_name("life", tests, NULL, NULL);
}
