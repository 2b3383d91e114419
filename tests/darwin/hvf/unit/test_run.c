/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

static void inputs_are_raised_before_every_run(void **state)
{
    hvf_rig *rig = *state;
    for (int i = 0; i < 4; i++)
        rig_script(rig, STORE(0, 0), RIG_DEVICE);
    assert_int_equal(abx_arm64_set_irq(rig->vcpu, true, false), ABX_OK);
    rig_run(rig);
    assert_true(rig->hv->ran_with_irq);
    assert_false(rig->hv->ran_with_fiq);
    rig_run(rig); /* the framework has lowered it meanwhile */
    assert_true(rig->hv->ran_with_irq);
    assert_int_equal(abx_arm64_set_irq(rig->vcpu, false, true), ABX_OK);
    rig_run(rig);
    assert_false(rig->hv->ran_with_irq);
    assert_true(rig->hv->ran_with_fiq);
    assert_int_equal(abx_arm64_set_irq(rig->vcpu, false, false), ABX_OK);
    rig_run(rig);
    assert_false(rig->hv->ran_with_fiq);
}

static void a_kick_before_entry_costs_no_entry(void **state)
{
    hvf_rig *rig = *state;
    abx_vcpu_kick(rig->vcpu);
    assert_int_equal(rig_run(rig).kind, ABX_EXIT_INTERRUPTED);
    assert_int_equal(rig->hv->played, 0);
    assert_true(rig->hv->cancel); /* and the framework remembers one too many … */
    rig_script(rig, WFI, 0);
    assert_int_equal(rig_run(rig).kind, ABX_EXIT_HALT); /* … which ends no run */
}

static abx_vcpu *to_be_kicked;

static hv_return_t kick_inside(fake_vcpu *vcpu)
{
    abx_vcpu_kick(to_be_kicked);
    vcpu->cancel = false;
    vcpu->exit.reason = HV_EXIT_REASON_CANCELED;
    return HV_SUCCESS;
}

static void a_kick_inside_ends_one_run(void **state)
{
    hvf_rig *rig = *state;
    to_be_kicked = rig->vcpu;
    fake.run = kick_inside;
    assert_int_equal(rig_run(rig).kind, ABX_EXIT_INTERRUPTED);
    fake.run = NULL;
    rig_script(rig, WFI, 0);
    assert_int_equal(rig_run(rig).kind, ABX_EXIT_HALT);
}

static void a_cancellation_that_is_no_kick_ends_no_run(void **state)
{
    hvf_rig *rig = *state;
    fake_reason(rig->object->id, HV_EXIT_REASON_CANCELED);
    rig_script(rig, WFI, 0);
    assert_int_equal(rig_run(rig).kind, ABX_EXIT_HALT);
}

static void a_kick_ends_what_is_dealt_with_inside(void **state)
{
    hvf_rig *rig = *state;
    rig_script(rig, WFE, 0);
    rig_script(rig, WFE, 0);
    abx_vcpu_kick(rig->vcpu);
    assert_int_equal(rig_run(rig).kind, ABX_EXIT_INTERRUPTED);
    assert_int_equal(rig->hv->played, 0);
}

static void the_counter_follows_the_hosts_sleep(void **state)
{
    hvf_rig *rig = *state;
    rig_script(rig, WFI, 0);
    rig_script(rig, WFI, 0);
    rig_run(rig);
    uint64_t before = rig->hv->offset;
    fake.continuous += 24000000;
    rig_run(rig);
    assert_int_equal(rig->hv->offset, before - 24000000);
}

static void a_state_that_hardware_refuses_is_an_exit(void **state)
{
    hvf_rig *rig = *state;
    fake.fail_at = fake.calls + 1;
    fake.fail_with = HV_ILLEGAL_GUEST_STATE;
    abx_exit exit = rig_run(rig);
    assert_int_equal(exit.kind, ABX_EXIT_FAIL_ENTRY);
    assert_int_equal(exit.fail_entry.hardware_reason, 0xfae94004);
    assert_int_equal(exit.fail_entry.cpu, UINT32_MAX);
}

static void a_failing_run_leaves_the_exit_alone(void **state)
{
    hvf_rig *rig = *state;
    abx_exit exit = { .kind = ABX_EXIT_NMI, .reason = 42 };
    fake.fail_at = fake.calls + 1;
    assert_fails(abx_vcpu_run(rig->vcpu, &exit), ABX_ERR_SYSTEM, "run vCPU 0: Hypervisor.framework says HV_ERROR");
    assert_int_equal(exit.kind, ABX_EXIT_NMI);
    assert_int_equal(exit.reason, 42);
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
        CASE(inputs_are_raised_before_every_run),
        CASE(a_kick_before_entry_costs_no_entry),
        CASE(a_kick_inside_ends_one_run),
        CASE(a_cancellation_that_is_no_kick_ends_no_run),
        CASE(a_kick_ends_what_is_dealt_with_inside),
        CASE(the_counter_follows_the_hosts_sleep),
        CASE(a_state_that_hardware_refuses_is_an_exit),
        CASE(a_failing_run_leaves_the_exit_alone),
        CASE(who_is_switched_off_does_not_run),
        CASE(a_completion_that_fails_is_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
