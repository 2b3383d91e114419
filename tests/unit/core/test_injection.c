/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "fake_manual.h"

#include <string.h>

static void calls_reach_the_backend(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    abx_vcpu *vcpu;
    assert_int_equal(abx_vcpu_create(&vcpu, vm, 0), ABX_OK);
    assert_true(abx_vcpu_interrupt_ready(vcpu));
    assert_int_equal(abx_vcpu_inject_vector(vcpu, 255), ABX_OK);
    assert_int_equal(fake_manual_arguments.number, 255);
    assert_int_equal(abx_vcpu_request_irq_window(vcpu, true), ABX_OK);
    assert_int_equal(fake_manual_arguments.number, 1);
    assert_int_equal(abx_vcpu_inject_nmi(vcpu), ABX_OK);
    assert_non_null(strstr(fake_log_text(), "vcpu_inject_vector vcpu_request_irq_window vcpu_inject_nmi"));
    fake_log_fail("vcpu_inject_vector", ABX_ERR_BUSY);
    assert_int_equal(abx_vcpu_inject_vector(vcpu, 32), ABX_ERR_BUSY);
    assert_int_equal(abx_vcpu_destroy(vcpu), ABX_OK);
    abx_vm_destroy(vm);
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    abx_vcpu *vcpu;
    assert_int_equal(abx_vcpu_create(&vcpu, vm, 0), ABX_OK);
    assert_int_equal(abx_vcpu_inject_vector(vcpu, 256), ABX_ERR_INVALID);
    assert_int_equal(abx_vcpu_inject_vector(NULL, 1), ABX_ERR_INVALID);
    assert_int_equal(abx_vcpu_inject_nmi(NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_vcpu_request_irq_window(NULL, true), ABX_ERR_INVALID);
    assert_false(abx_vcpu_interrupt_ready(NULL));
    assert_int_equal(abx_vcpu_destroy(vcpu), ABX_OK);
    abx_vm_destroy(vm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_reach_the_backend),
        cmocka_unit_test(wrong_arguments_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
