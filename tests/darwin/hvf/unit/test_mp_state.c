/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

static void mp_states_are_two(void **state)
{
    hvf_rig *rig = *state;
    abx_mp_state mp_state;
    assert_int_equal(abx_vcpu_get_mp_state(rig->vcpu, &mp_state), ABX_OK);
    assert_int_equal(mp_state, ABX_MP_RUNNABLE);
    assert_int_equal(abx_vcpu_set_mp_state(rig->vcpu, ABX_MP_STOPPED), ABX_OK);
    assert_int_equal(abx_vcpu_get_mp_state(rig->vcpu, &mp_state), ABX_OK);
    assert_int_equal(mp_state, ABX_MP_STOPPED);
    assert_fails(abx_vcpu_set_mp_state(rig->vcpu, ABX_MP_HALTED), ABX_ERR_NOT_SUPPORTED, "RUNNABLE or STOPPED");
    assert_int_equal(abx_arm64_reset(rig->vcpu), ABX_OK);
    assert_int_equal(abx_vcpu_get_mp_state(rig->vcpu, &mp_state), ABX_OK);
    assert_int_equal(mp_state, ABX_MP_RUNNABLE);
}

static void who_is_switched_off_does_not_run(void **state)
{
    hvf_rig *rig = *state;
    abx_exit exit;
    assert_int_equal(abx_vcpu_set_mp_state(rig->vcpu, ABX_MP_STOPPED), ABX_OK);
    assert_fails(abx_vcpu_run(rig->vcpu, &exit), ABX_ERR_STATE, "switched off");
    assert_int_equal(abx_vcpu_set_mp_state(rig->vcpu, ABX_MP_RUNNABLE), ABX_OK);
    rig_script(rig, WFI, 0);
    rig_run(rig);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        CASE(mp_states_are_two),
        CASE(who_is_switched_off_does_not_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
