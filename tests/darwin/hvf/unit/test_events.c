/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

#define PC   UINT64_C(0x40001000)
#define VBAR UINT64_C(0x40080000)

static int setup(void **state)
{
    rig_setup(state);
    hvf_rig *rig = *state;
    rig->hv->general[HV_REG_PC] = PC;
    rig->hv->general[HV_REG_CPSR] = 0x5; /* EL1, nothing masked */
    rig->hv->sysregs[ABX_REG_NUMBER(ABX_ARM64_VBAR_EL1)] = VBAR;
    return 0;
}

static void a_data_abort_takes_the_place_of_the_access(void **state)
{
    hvf_rig *rig = *state;
    rig_script(rig, STORE(2, 1), RIG_DEVICE);
    rig_script(rig, WFI, 0);
    rig_run(rig);
    const abx_arm64_events events = { .data_abort_pending = true };
    assert_int_equal(abx_arm64_set_events(rig->vcpu, &events), ABX_OK);
    assert_int_equal(rig->hv->sysregs[ABX_REG_NUMBER(ABX_ARM64_ESR_EL1)], ESR(0x25, 0x50));
    assert_int_equal(rig->hv->sysregs[ABX_REG_NUMBER(ABX_ARM64_FAR_EL1)], RIG_DEVICE | UINT64_C(1) << 40);
    assert_int_equal(rig->hv->sysregs[ABX_SYSREG_ELR_EL1], PC);
    assert_int_equal(rig->hv->sysregs[ABX_SYSREG_SPSR_EL1], 0x5);
    assert_int_equal(rig_pc(rig), VBAR + 0x200);
    rig_run(rig);
    assert_int_equal(rig_pc(rig), VBAR + 0x200 + 4); /* the WFI: no access was completed */
    abx_arm64_events now = { .data_abort_pending = true };
    assert_int_equal(abx_arm64_get_events(rig->vcpu, &now), ABX_OK);
    assert_false(now.data_abort_pending);
}

static void a_load_that_aborts_changes_no_register(void **state)
{
    hvf_rig *rig = *state;
    rig_script(rig, LOAD(2, 1), RIG_DEVICE);
    rig->hv->general[1] = 5;
    rig_run(rig);
    const abx_arm64_events events = { .data_abort_pending = true };
    assert_int_equal(abx_arm64_set_events(rig->vcpu, &events), ABX_OK);
    assert_int_equal(abx_vcpu_complete_io(rig->vcpu), ABX_OK);
    assert_int_equal(rig->hv->general[1], 5);
    assert_int_equal(rig->hv->sysregs[ABX_REG_NUMBER(ABX_ARM64_ESR_EL1)], ESR(0x25, 0x10));
}

static void without_an_access_there_is_no_abort(void **state)
{
    hvf_rig *rig = *state;
    const abx_arm64_events events = { .data_abort_pending = true };
    assert_fails(abx_arm64_set_events(rig->vcpu, &events), ABX_ERR_STATE, "Only after an exit for MMIO");
    rig_script(rig, LOAD(2, 1), RIG_DEVICE);
    rig_script(rig, WFI, 0);
    rig_run(rig);
    rig_run(rig);
    assert_fails(abx_arm64_set_events(rig->vcpu, &events), ABX_ERR_STATE, "Only after an exit for MMIO");
    assert_int_equal(rig_pc(rig), PC + 8);
}

static void a_guest_at_el2_gets_none(void **state)
{
    hvf_rig *rig = *state;
    rig->hv->general[HV_REG_CPSR] = 0x3c9;
    rig_script(rig, LOAD(2, 1), RIG_DEVICE);
    rig_run(rig);
    const abx_arm64_events events = { .data_abort_pending = true };
    assert_fails(abx_arm64_set_events(rig->vcpu, &events), ABX_ERR_NOT_SUPPORTED, "EL2");
    assert_int_equal(rig_pc(rig), PC);
}

static void an_serror_waits_until_it_is_unmasked(void **state)
{
    hvf_rig *rig = *state;
    const abx_arm64_events events = { .serror_pending = true, .serror_has_syndrome = true, .serror_syndrome = 0x123 };
    assert_int_equal(abx_arm64_set_events(rig->vcpu, &events), ABX_OK);
    rig->hv->general[HV_REG_CPSR] = 0x105; /* masked */
    rig_script(rig, WFI, 0);
    rig_script(rig, WFI, 0);
    rig_run(rig);
    assert_int_equal(rig_pc(rig), PC + 4);
    abx_arm64_events now;
    assert_int_equal(abx_arm64_get_events(rig->vcpu, &now), ABX_OK);
    assert_true(now.serror_pending);
    assert_true(now.serror_has_syndrome);
    assert_int_equal(now.serror_syndrome, 0x123);
    rig->hv->general[HV_REG_CPSR] = 0x5;
    rig_run(rig);
    assert_int_equal(rig_pc(rig), VBAR + 0x380 + 4);
    assert_int_equal(rig->hv->sysregs[ABX_REG_NUMBER(ABX_ARM64_ESR_EL1)], ESR(0x2f, 0x123));
    assert_int_equal(abx_arm64_get_events(rig->vcpu, &now), ABX_OK);
    assert_false(now.serror_pending);
    assert_int_equal(now.serror_syndrome, 0);
}

static void an_serror_can_be_withdrawn(void **state)
{
    hvf_rig *rig = *state;
    abx_arm64_events events = { .serror_pending = true };
    assert_int_equal(abx_arm64_set_events(rig->vcpu, &events), ABX_OK);
    events.serror_pending = false;
    assert_int_equal(abx_arm64_set_events(rig->vcpu, &events), ABX_OK);
    rig_script(rig, WFI, 0);
    rig_run(rig);
    assert_int_equal(rig_pc(rig), PC + 4);
}

static void a_syndrome_has_25_bits(void **state)
{
    hvf_rig *rig = *state;
    const abx_arm64_events events = { .serror_pending = true, .serror_syndrome = 1u << 25 };
    assert_fails(abx_arm64_set_events(rig->vcpu, &events), ABX_ERR_INVALID, "25 bits");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_data_abort_takes_the_place_of_the_access),
        CASE(a_load_that_aborts_changes_no_register),
        CASE(without_an_access_there_is_no_abort),
        CASE(a_guest_at_el2_gets_none),
        CASE(an_serror_waits_until_it_is_unmasked),
        CASE(an_serror_can_be_withdrawn),
        CASE(a_syndrome_has_25_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
