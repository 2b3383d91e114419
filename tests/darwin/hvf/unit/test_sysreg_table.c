/* SPDX-License-Identifier: MIT OR Apache-2.0 */
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

int main(void)
{
#define CASE(name) cmocka_unit_test(name)
    const struct CMUnitTest tests[] = {
        CASE(a_set_names_each_register_once),
        CASE(a_set_follows_the_features),
        CASE(numbers_are_the_frameworks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
