/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "machine_faults.h"

#include <string.h>

static void no_fault_is_fine(void **state)
{
    (void)state;
    const abx_machine_faults faults = { 0 };
    assert_int_equal(abx_machine_faults_status(&faults), ABX_OK);
}

static void faults_come_in_one_line(void **state)
{
    (void)state;
    abx_machine_faults faults = { 0 };
    abx_machine_faults_add(&faults, "a: %d is wrong", 1);
    abx_machine_faults_add(&faults, "b: %s", "as well");
    assert_int_equal(abx_machine_faults_status(&faults), ABX_ERR_CONFIG);
    assert_string_equal(abx_last_error()->advice, "a: 1 is wrong; b: as well");
    assert_non_null(strstr(abx_last_error()->operation, "(2 faults)"));
}

static void too_many_are_counted(void **state)
{
    (void)state;
    abx_machine_faults faults = { 0 };
    char name[400];
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    for (int i = 0; i < 50; i++)
        abx_machine_faults_add(&faults, "%s", name);
    abx_machine_faults_add(&faults, "short");
    assert_int_equal(faults.count, 51);
    assert_int_equal(strlen(faults.text), faults.length);
    assert_true(faults.length < sizeof(faults.text));
    assert_string_equal(faults.text + faults.length - 7, "; short");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_fault_is_fine),
        cmocka_unit_test(faults_come_in_one_line),
        cmocka_unit_test(too_many_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
