/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

static void the_timer_is_told(void **state)
{
    hvf_rig *rig = *state;
    rig->hv->sysregs[ABX_REG_NUMBER(ABX_ARM64_CNTV_CTL_EL0)] = 3;
    rig->hv->sysregs[ABX_REG_NUMBER(ABX_ARM64_CNTV_CVAL_EL0)] = 999;
    fake.absolute += 500;
    fake.continuous += 500;
    abx_arm64_timer timer;
    assert_int_equal(abx_arm64_get_timer(rig->vcpu, &timer), ABX_OK);
    assert_true(timer.enabled);
    assert_true(timer.masked_by_guest);
    assert_int_equal(timer.compare, 999);
    assert_int_equal(timer.count, 500);
    assert_int_equal(timer.frequency, 24000000);
    rig->hv->sysregs[ABX_REG_NUMBER(ABX_ARM64_CNTV_CTL_EL0)] = 4; /* ISTATUS only */
    assert_int_equal(abx_arm64_get_timer(rig->vcpu, &timer), ABX_OK);
    assert_false(timer.enabled);
    assert_false(timer.masked_by_guest);
}

static void a_failure_leaves_the_result_alone(void **state)
{
    hvf_rig *rig = *state;
    for (uint32_t at = 1; at <= 2; at++) {
        abx_arm64_timer timer = { .compare = 7 };
        fake.fail_at = fake.calls + at;
        assert_fails(abx_arm64_get_timer(rig->vcpu, &timer), ABX_ERR_SYSTEM, "virtual timer of vCPU 0");
        assert_int_equal(timer.compare, 7);
    }
}

static void it_is_unmasked_by_hand(void **state)
{
    hvf_rig *rig = *state;
    fake_reason(rig->object->id, HV_EXIT_REASON_VTIMER_ACTIVATED);
    assert_int_equal(rig_run(rig).kind, ABX_EXIT_TIMER);
    assert_true(rig->hv->timer_masked);
    assert_int_equal(abx_arm64_unmask_timer(rig->vcpu), ABX_OK);
    assert_false(rig->hv->timer_masked);
    fake.fail_at = fake.calls + 1;
    assert_fails(abx_arm64_unmask_timer(rig->vcpu), ABX_ERR_SYSTEM, "unmask a vCPU's virtual timer");
}

static void writing_the_count_moves_the_whole_vm(void **state)
{
    hvf_rig *rig = *state;
    assert_int_equal(abx_vcpu_write_register(rig->vcpu, ABX_ARM64_CNTVCT_EL0, 1000000), ABX_OK);
    fake.absolute += 5;
    fake.continuous += 5;
    uint64_t count;
    assert_int_equal(abx_vcpu_read_register(rig->vcpu, ABX_ARM64_CNTVCT_EL0, &count), ABX_OK);
    assert_int_equal(count, 1000005);
    rig_script(rig, WFI, 0);
    rig_run(rig);
    assert_int_equal(fake.absolute - rig->hv->offset, 1000005);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        CASE(the_timer_is_told),
        CASE(a_failure_leaves_the_result_alone),
        CASE(it_is_unmasked_by_hand),
        CASE(writing_the_count_moves_the_whole_vm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
