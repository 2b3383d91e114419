/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "fake_managed.h"
#include "fake_manual.h"

#include <arcbox/rosetta.h>

static void the_backend_is_asked(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor;
    abx_rosetta_availability availability = ABX_ROSETTA_INSTALLED;
    fake_log_reset();
    assert_int_equal(abx_hypervisor_open(&hypervisor, "qemu", &fake_managed_options), ABX_OK);
    fake_log_fail("rosetta_availability", ABX_ERR_SYSTEM);
    assert_int_equal(abx_rosetta_get_availability(hypervisor, &availability), ABX_ERR_SYSTEM);
    assert_int_equal(availability, ABX_ROSETTA_INSTALLED);
    fake_log_fail("rosetta_install", ABX_ERR_PERMISSION);
    assert_int_equal(abx_rosetta_get_availability(hypervisor, &availability), ABX_OK);
    assert_int_equal(availability, ABX_ROSETTA_NOT_INSTALLED);
    assert_int_equal(abx_rosetta_install(hypervisor), ABX_ERR_PERMISSION);
    fake_log_fail(NULL, ABX_OK);
    assert_int_equal(abx_rosetta_install(hypervisor), ABX_OK);
    assert_int_equal(abx_rosetta_get_availability(hypervisor, NULL), ABX_ERR_INVALID);
    abx_hypervisor_close(hypervisor);
    assert_int_equal(abx_rosetta_get_availability(NULL, &availability), ABX_ERR_INVALID);
    assert_int_equal(abx_rosetta_install(NULL), ABX_ERR_INVALID);
}

static void absence_is_said(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor;
    abx_rosetta_availability availability = ABX_ROSETTA_INSTALLED;
    fake_manual_reset();
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &fake_manual_options), ABX_OK);
    assert_int_equal(abx_rosetta_get_availability(hypervisor, &availability), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_rosetta_install(hypervisor), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(availability, ABX_ROSETTA_INSTALLED);
    abx_hypervisor_close(hypervisor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_backend_is_asked),
        cmocka_unit_test(absence_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
