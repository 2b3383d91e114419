/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(start_pause_resume_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
