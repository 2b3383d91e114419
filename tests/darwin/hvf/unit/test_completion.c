/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

/* A failure on the way to or from the guest loses nothing: the run can be tried again. */
static void a_completion_that_fails_is_tried_again(void **state)
{
    hvf_rig *rig = *state;
    rig->hv->general[HV_REG_PC] = 0x1000;
    for (uint32_t at = 1; at <= 3; at++) {
        rig_script(rig, LOAD(2, 7), RIG_DEVICE);
        abx_exit exit = rig_run(rig);
        *exit.mmio.data = (uint8_t)at;
        uint64_t pc = rig_pc(rig);
        fake.fail_at = fake.calls + at; /* the register, reading PC, writing PC */
        assert_fails(abx_vcpu_complete_io(rig->vcpu), ABX_ERR_SYSTEM, "HV_ERROR");
        assert_int_equal(rig_pc(rig), pc);
        assert_int_equal(abx_vcpu_complete_io(rig->vcpu), ABX_OK);
        assert_int_equal(rig->hv->general[7], at);
        assert_int_equal(rig_pc(rig), pc + 4);
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_completion_that_fails_is_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
