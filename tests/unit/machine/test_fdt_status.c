/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "fdt/status.h"

#include <libfdt.h>
#include <string.h>

static void success_is_no_error(void **state)
{
    (void)state;
    assert_int_equal(abx_fdt_status(0, "try"), ABX_OK);
    assert_int_equal(abx_fdt_status(17, "find a node"), ABX_OK);
}

static void each_error_has_its_status(void **state)
{
    (void)state;
    assert_int_equal(abx_fdt_status(-FDT_ERR_NOSPACE, "write a tree"), ABX_ERR_LIMIT);
    assert_non_null(strstr(abx_last_error()->operation, "write a tree"));
    assert_int_equal(abx_fdt_status(-FDT_ERR_BADMAGIC, "read a tree"), ABX_ERR_FORMAT);
    assert_non_null(strstr(abx_last_error()->operation, "FDT_ERR_BADMAGIC"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(success_is_no_error),
        cmocka_unit_test(each_error_has_its_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
