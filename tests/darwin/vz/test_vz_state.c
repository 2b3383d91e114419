/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/vm_object.h"
#include "vz_api.h"

static void names(void **state)
{
    (void)state;
    assert_string_equal(abx_vz_state_name(VZVirtualMachineStateStopped), "stopped");
    assert_string_equal(abx_vz_state_name(VZVirtualMachineStateError), "failed");
    assert_string_equal(abx_vz_state_name(VZVirtualMachineStateRestoring), "restoring");
    assert_string_equal(abx_vz_state_name(10), "in a state unknown here");
    assert_string_equal(abx_vz_state_name(-1), "in a state unknown here");
}

static void without_a_machine_it_is_stopped(void **state)
{
    (void)state;
    abx_vz_fault fault;
    const abx_vz_vm vm = { .machine = NULL };
    abx_vz_wrong_state(&vm, &fault);
    assert_status(fault.status, ABX_ERR_STATE);
    assert_string_equal(fault.text, "The machine is stopped.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(names),
        rig_test(without_a_machine_it_is_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
