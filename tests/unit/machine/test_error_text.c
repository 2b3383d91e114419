/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "error_text.h"

#include <errno.h>
#include <string.h>

static void it_says_what_the_system_says(void **state)
{
    (void)state;
    char text[64] = "";
    abx_error_text(EPIPE, text, sizeof(text));
    assert_string_equal(text, "Broken pipe");
}

static void it_keeps_to_the_room_there_is(void **state)
{
    (void)state;
    char text[8] = "xxxxxxx";
    abx_error_text(EPIPE, text, 5);
    assert_non_null(memchr(text, '\0', 5));
    assert_string_equal(text + 5, "xx");
}

static void an_unknown_number_has_a_text_too(void **state)
{
    (void)state;
    char text[64] = "";
    abx_error_text(123456, text, sizeof(text));
    assert_true(strlen(text) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_what_the_system_says),
        cmocka_unit_test(it_keeps_to_the_room_there_is),
        cmocka_unit_test(an_unknown_number_has_a_text_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
