/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "darwin/hvf/trap.h"
#include "rig.h"

static void what_is_constant(void **state)
{
    (void)state;
    uint64_t value = 7;
    assert_true(abx_trap_constant(ABX_ARM64_SYSREG_NUMBER(2, 0, 1, 1, 4), &value)); /* OSLSR_EL1 */
    assert_int_equal(value, 8);
    static const uint32_t zero[] = {
        ABX_ARM64_SYSREG_NUMBER(2, 0, 1, 0, 4),   /* OSLAR_EL1 */
        ABX_ARM64_SYSREG_NUMBER(2, 0, 1, 3, 4),   /* OSDLR_EL1 */
        ABX_ARM64_SYSREG_NUMBER(2, 3, 0, 1, 0),   /* MDCCSR_EL0 */
        ABX_ARM64_SYSREG_NUMBER(3, 3, 9, 12, 0),  /* PMCR_EL0 */
        ABX_ARM64_SYSREG_NUMBER(3, 3, 9, 14, 0),  /* PMUSERENR_EL0 */
        ABX_ARM64_SYSREG_NUMBER(3, 0, 9, 14, 1),  /* PMINTENSET_EL1 */
        ABX_ARM64_SYSREG_NUMBER(3, 3, 14, 15, 7), /* PMCCFILTR_EL0 */
        ABX_ARM64_SYSREG_NUMBER(3, 3, 14, 8, 0),  /* PMEVCNTR0_EL0 */
        ABX_ARM64_SYSREG_NUMBER(3, 0, 10, 4, 3),  /* LORC_EL1 */
    };
    for (size_t i = 0; i < sizeof(zero) / sizeof(zero[0]); i++) {
        value = 7;
        assert_true(abx_trap_constant(zero[i], &value));
        assert_int_equal(value, 0);
    }
    static const uint32_t others[] = {
        ABX_ARM64_SYSREG_NUMBER(3, 0, 12, 11, 5), /* ICC_SGI1R_EL1 */
        ABX_ARM64_SYSREG_NUMBER(3, 3, 14, 2, 1),  /* CNTP_CTL_EL0 */
        ABX_ARM64_SYSREG_NUMBER(3, 0, 1, 0, 1),   /* ACTLR_EL1 */
        ABX_ARM64_SYSREG_NUMBER(1, 0, 7, 6, 2),   /* DC ISW */
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        value = 7;
        assert_false(abx_trap_constant(others[i], &value));
        assert_int_equal(value, 7);
    }
}

static void constants_are_no_exits(void **state)
{
    hvf_rig *rig = *state;
    rig->hv->general[3] = 99;
    rig_script(rig, MRS(ABX_ARM64_SYSREG_NUMBER(2, 0, 1, 1, 4), 3), 0);
    rig_script(rig, MSR(ABX_ARM64_SYSREG_NUMBER(2, 0, 1, 0, 4), 3), 0);
    rig_script(rig, WFI, 0);
    assert_int_equal(rig_run(rig).kind, ABX_EXIT_HALT);
    assert_int_equal(rig->hv->general[3], 8);
    assert_int_equal(rig_pc(rig), 12);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        CASE(what_is_constant),
        CASE(constants_are_no_exits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
