/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

#include <string.h>

static void success_is_no_failure(void **state)
{
    (void)state;
    assert_int_equal(abx_hv_check(HV_SUCCESS, "nothing"), ABX_OK);
}

static void each_number_has_a_status_and_a_name(void **state)
{
    (void)state;
    static const struct {
        hv_return_t result;
        abx_status status;
        const char *name;
    } cases[] = {
        { HV_ERROR, ABX_ERR_SYSTEM, "HV_ERROR (0xfae94001)" },
        { HV_BUSY, ABX_ERR_BUSY, "HV_BUSY (0xfae94002)" },
        { HV_BAD_ARGUMENT, ABX_ERR_SYSTEM, "HV_BAD_ARGUMENT (0xfae94003)" },
        { HV_ILLEGAL_GUEST_STATE, ABX_ERR_SYSTEM, "HV_ILLEGAL_GUEST_STATE (0xfae94004)" },
        { HV_NO_RESOURCES, ABX_ERR_NO_MEMORY, "HV_NO_RESOURCES (0xfae94005)" },
        { HV_NO_DEVICE, ABX_ERR_NOT_SUPPORTED, "HV_NO_DEVICE (0xfae94006)" },
        { HV_DENIED, ABX_ERR_PERMISSION, "HV_DENIED (0xfae94007)" },
        { HV_FAULT, ABX_ERR_SYSTEM, "HV_FAULT (0xfae94008)" },
        { HV_UNSUPPORTED, ABX_ERR_NOT_SUPPORTED, "HV_UNSUPPORTED (0xfae9400f)" },
        { 17, ABX_ERR_SYSTEM, "an unknown number (0x11)" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_fails(abx_hv_check(cases[i].result, "do thing %d", 7), cases[i].status, cases[i].name);
    assert_non_null(strstr(abx_last_error()->operation, "do thing 7: Hypervisor.framework says"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(success_is_no_failure),
        cmocka_unit_test(each_number_has_a_status_and_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
