/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "darwin/hvf/claim.h"
#include "rig.h"

static int setup(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

static void one_vm_at_a_time(void **state)
{
    (void)state;
    assert_int_equal(abx_hvf_claim(NULL), ABX_OK);
    assert_fails(abx_hvf_claim(NULL), ABX_ERR_LIMIT, "one such VM");
    assert_int_equal(abx_hvf_try_claim(), ABX_OK); /* it is there, so there can be one */
    assert_true(fake.vm);
    abx_hvf_unclaim();
    assert_false(fake.vm);
    assert_int_equal(abx_hvf_claim(NULL), ABX_OK);
    abx_hvf_unclaim();
    fake_end();
}

static void somebody_elses_vm_counts(void **state)
{
    (void)state;
    fake.create_result = HV_BUSY;
    assert_fails(abx_hvf_claim(NULL), ABX_ERR_LIMIT, "one such VM");
    fake.create_result = HV_SUCCESS;
    assert_int_equal(abx_hvf_claim(NULL), ABX_OK);
    abx_hvf_unclaim();
    fake_end();
}

static void a_vm_that_does_not_go_stays_claimed(void **state)
{
    (void)state;
    assert_int_equal(abx_hvf_claim(NULL), ABX_OK);
    fake.destroy_result = HV_BUSY;
    abx_hvf_unclaim();
    assert_fails(abx_hvf_claim(NULL), ABX_ERR_LIMIT, "one such VM");
    fake.destroy_result = HV_SUCCESS;
    abx_hvf_unclaim();
    fake_end();
}

static void other_failures_are_told_as_they_are(void **state)
{
    (void)state;
    fake.create_result = HV_DENIED;
    assert_fails(abx_hvf_claim(NULL), ABX_ERR_PERMISSION, "HV_DENIED");
    fake.create_result = HV_NO_RESOURCES;
    assert_fails(abx_hvf_claim(NULL), ABX_ERR_NO_MEMORY, "HV_NO_RESOURCES");
    assert_fails(abx_hvf_try_claim(), ABX_ERR_NO_MEMORY, "HV_NO_RESOURCES");
    fake_end();
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        CASE(one_vm_at_a_time),
        CASE(somebody_elses_vm_counts),
        CASE(a_vm_that_does_not_go_stays_claimed),
        CASE(other_failures_are_told_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
