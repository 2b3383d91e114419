/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
    hvf_rig *made = calloc(1, sizeof(*made));
    assert_non_null(made);
    fake_reset();
    rig_start(made, ABX_IRQCHIP_DEFAULT, 1);
    *state = made;
    return 0;
}

static void its_state_comes_back(void **state)
{
    hvf_rig *rig = *state;
    memset(fake.gic_state, 7, sizeof(fake.gic_state));
    size_t size = 0;
    uint8_t block[512], small[16];
    assert_fails(abx_arm64_save_gic(rig->vm, small, sizeof(small), &size), ABX_ERR_LIMIT, "into 16");
    assert_int_equal(abx_arm64_save_gic(rig->vm, NULL, 0, &size), ABX_OK);
    assert_in_range(size, FAKE_GIC_STATE, sizeof(block));
    assert_int_equal(abx_arm64_save_gic(rig->vm, block, sizeof(block), &size), ABX_OK);
    assert_int_equal(fake.objects, 0);
    memset(fake.gic_state, 0, sizeof(fake.gic_state));
    block[size - 1] ^= 1;
    assert_fails(abx_arm64_restore_gic(rig->vm, block, size), ABX_ERR_FORMAT, "damaged");
    block[size - 1] ^= 1;
    assert_int_equal(fake.gic_state[0], 0);
    assert_int_equal(abx_arm64_restore_gic(rig->vm, block, size), ABX_OK);
    assert_int_equal(fake.gic_state[39], 7);
}

static void its_state_has_its_time(void **state)
{
    hvf_rig *rig = *state;
    size_t size;
    uint8_t block[512];
    assert_int_equal(abx_arm64_save_gic(rig->vm, block, sizeof(block), &size), ABX_OK);
    assert_int_equal(abx_vcpu_destroy(rig->vcpu), ABX_OK);
    rig->vcpu = NULL;
    assert_fails(abx_arm64_restore_gic(rig->vm, block, size), ABX_ERR_STATE, "Create all vCPUs");
    assert_int_equal(abx_vcpu_create(&rig->vcpu, rig->vm, 0), ABX_OK);
    rig->hv = &fake.vcpus[0];
    fake.run = NULL;
    fake_exception(100, WFI, 0, 0);
    rig_run(rig);
    assert_fails(abx_arm64_restore_gic(rig->vm, block, size), ABX_ERR_STATE, "before a vCPU has run");
}

static void another_systems_state_is_refused(void **state)
{
    hvf_rig *rig = *state;
    size_t size;
    uint8_t block[512];
    assert_int_equal(abx_arm64_save_gic(rig->vm, block, sizeof(block), &size), ABX_OK);
    fake.fail_at = fake.calls + 1;
    fake.fail_with = HV_BAD_ARGUMENT;
    assert_fails(abx_arm64_restore_gic(rig->vm, block, size), ABX_ERR_FORMAT, "another version of macOS");
    for (uint32_t at = 1; at <= 3; at++) {
        fake.fail_at = fake.calls + at;
        fake.fail_with = HV_NO_RESOURCES;
        assert_fails(abx_arm64_save_gic(rig->vm, NULL, 0, &size), ABX_ERR_NO_MEMORY, "save the state");
        assert_int_equal(fake.objects, 0);
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        CASE(its_state_comes_back),
        CASE(its_state_has_its_time),
        CASE(another_systems_state_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
