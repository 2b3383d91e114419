/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "suboptions.h"

#include <stdlib.h>

static void values_are_taken_apart(void **state)
{
    (void)state;
    cli_suboptions parts;
    assert_true(cli_split("disk", "image", &parts));
    assert_string_equal(parts.head, "image");
    assert_int_equal(parts.count, 0);
    free(parts.text);

    assert_true(cli_split("disk", "image,ro,cache=auto,empty=,=x,a=b=c", &parts));
    assert_string_equal(parts.head, "image");
    assert_int_equal(parts.count, 5);
    assert_string_equal(parts.each[0].key, "ro");
    assert_null(parts.each[0].value);
    assert_string_equal(parts.each[1].key, "cache");
    assert_string_equal(parts.each[1].value, "auto");
    assert_string_equal(parts.each[2].value, "");
    assert_string_equal(parts.each[3].key, "");
    assert_string_equal(parts.each[4].key, "a");
    assert_string_equal(parts.each[4].value, "b=c");
    free(parts.text);
}

static void commas_are_written_twice(void **state)
{
    (void)state;
    cli_suboptions parts;
    assert_true(cli_split("disk", "a,,b,,,ro,,x=,,y,,", &parts));
    assert_string_equal(parts.head, "a,b,");
    assert_int_equal(parts.count, 1);
    assert_string_equal(parts.each[0].key, "ro,x");
    assert_string_equal(parts.each[0].value, ",y,");
    free(parts.text);
    assert_true(cli_split("disk", "", &parts));
    assert_string_equal(parts.head, "");
    assert_int_equal(parts.count, 0);
    free(parts.text);
    assert_true(cli_split("disk", "a,", &parts));
    assert_int_equal(parts.count, 1);
    assert_string_equal(parts.each[0].key, "");
    free(parts.text);
}

static void too_many_parts_are_refused(void **state)
{
    (void)state;
    cli_suboptions parts = { .text = NULL };
    assert_true(cli_split("disk", "h,1,2,3,4,5,6,7,8", &parts));
    assert_int_equal(parts.count, CLI_MAX_SUBOPTIONS);
    assert_string_equal(parts.each[7].key, "8");
    free(parts.text);
    parts.text = NULL;
    assert_false(cli_split("disk", "h,1,2,3,4,5,6,7,8,9", &parts));
    assert_null(parts.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_taken_apart),
        cmocka_unit_test(commas_are_written_twice),
        cmocka_unit_test(too_many_parts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
