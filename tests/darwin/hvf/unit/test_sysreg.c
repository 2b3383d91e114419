/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

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

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        CASE(the_list_has_what_the_framework_knows),
        CASE(older_systems_know_fewer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
