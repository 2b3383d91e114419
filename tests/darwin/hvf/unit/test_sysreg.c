/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "darwin/hvf/trap.h"
#include "rig.h"

static const abx_sysreg_features everything = { .breakpoints = 16, .watchpoints = 16, .gic = true, .el2 = true };

static bool has(const abx_sysreg_set *set, uint32_t number)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->numbers[i] == number)
            return true;
    }
    return false;
}

static void a_set_names_each_register_once(void **state)
{
    (void)state;
    abx_sysreg_set set;
    abx_sysreg_set_fill(&set, &everything);
    assert_in_range(set.count, 130, ABX_SYSREGS);
    for (size_t i = 0; i < set.count; i++) {
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(set.numbers[i], set.numbers[j]);
    }
}

static void a_set_follows_the_features(void **state)
{
    (void)state;
    const uint32_t pmr = ABX_ARM64_SYSREG_NUMBER(3, 0, 4, 6, 0), hcr = ABX_ARM64_SYSREG_NUMBER(3, 4, 1, 1, 0);
    const uint32_t bvr5 = ABX_ARM64_SYSREG_NUMBER(2, 0, 0, 5, 4), wvr5 = ABX_ARM64_SYSREG_NUMBER(2, 0, 0, 5, 6);
    abx_sysreg_set set;
    abx_sysreg_set_fill(&set, &everything);
    assert_true(has(&set, pmr) && has(&set, hcr) && has(&set, bvr5) && has(&set, wvr5));
    abx_sysreg_set_fill(&set, &(abx_sysreg_features){ .breakpoints = 6, .watchpoints = 4 });
    assert_true(has(&set, bvr5));
    assert_false(has(&set, pmr) || has(&set, hcr) || has(&set, wvr5));
    assert_true(has(&set, ABX_SYSREG_ELR_EL1) && has(&set, ABX_REG_NUMBER(ABX_ARM64_TTBR1_EL1)));
    assert_true(abx_sysreg_is_gic(pmr));
    assert_false(abx_sysreg_is_gic(hcr));
    assert_true(abx_sysreg_is_identity(ABX_REG_NUMBER(ABX_ARM64_MPIDR_EL1)));
    assert_false(abx_sysreg_is_identity(ABX_REG_NUMBER(ABX_ARM64_SCTLR_EL1)));
}

/* Numbers of the framework, looked up there. */
static void numbers_are_the_frameworks(void **state)
{
    (void)state;
    assert_int_equal(ABX_SYSREG_SP_EL0, 0xc208);
    assert_int_equal(ABX_SYSREG_SP_EL1, 0xe208);
    assert_int_equal(ABX_SYSREG_SPSR_EL1, 0xc200);
    assert_int_equal(ABX_SYSREG_ELR_EL1, 0xc201);
    assert_int_equal(ABX_SYSREG_MDSCR_EL1, 0x8012);
}

static void the_list_has_what_the_framework_knows(void **state)
{
    hvf_rig *rig = *state;
    size_t count;
    assert_int_equal(abx_arm64_sysreg_list(rig->vcpu, NULL, 0, &count), ABX_OK);
    abx_reg names[ABX_SYSREGS];
    assert_in_range(count, 60, ABX_SYSREGS);
    assert_int_equal(abx_arm64_sysreg_list(rig->vcpu, names, ABX_SYSREGS, &count), ABX_OK);
    uint64_t values[ABX_SYSREGS];
    assert_int_equal(abx_vcpu_read_registers(rig->vcpu, names, values, count), ABX_OK);
}

static void older_systems_know_fewer(void **state)
{
    hvf_rig *rig = *state;
    size_t before, after;
    assert_int_equal(abx_arm64_sysreg_list(rig->vcpu, NULL, 0, &before), ABX_OK);
    assert_int_equal(abx_vcpu_destroy(rig->vcpu), ABX_OK);
    fake.unknown_sysreg = 0xc081; /* ACTLR_EL1 */
    assert_int_equal(abx_vcpu_create(&rig->vcpu, rig->vm, 0), ABX_OK);
    assert_int_equal(abx_arm64_sysreg_list(rig->vcpu, NULL, 0, &after), ABX_OK);
    assert_int_equal(after, before - 1);
}

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
        cmocka_unit_test(a_set_names_each_register_once),
        cmocka_unit_test(a_set_follows_the_features),
        cmocka_unit_test(numbers_are_the_frameworks),
        CASE(the_list_has_what_the_framework_knows),
        CASE(older_systems_know_fewer),
        cmocka_unit_test(what_is_constant),
        CASE(constants_are_no_exits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
