/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "qemu_test.h"

#include "qemu/last_words.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static char line[64];

/* Sends `text` through a pipe and says what its last line is. */
static const char *last_line(const char *text, size_t length)
{
    int ends[2];
    abx_last_words words = { 0 };
    assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    assert_int_equal(abx_last_words_read(&words, ends[0]), 0);
    assert_int_equal(write(ends[1], text, length), length);
    while (abx_last_words_read(&words, ends[0]) > 0) {
    }
    close(ends[1]);
    assert_true(abx_last_words_read(&words, ends[0]) < 0);
    close(ends[0]);
    abx_last_words_line(&words, line, sizeof(line));
    return line;
}

static const char *last(const char *text)
{
    return last_line(text, strlen(text));
}

static void test_the_last_line_counts(void **state)
{
    (void)state;
    assert_string_equal(last("a warning\nthe error\n"), "the error");
    assert_string_equal(last("no end"), "no end");
    assert_string_equal(last("text\n\n \r\n"), "text");
    assert_string_equal(last(" \n"), "");
}

static void test_nothing_was_said(void **state)
{
    (void)state;
    abx_last_words words = { 0 };
    memset(line, 'x', sizeof(line));
    abx_last_words_line(&words, line, sizeof(line));
    assert_string_equal(line, "");
}

static void test_control_characters_go(void **state)
{
    (void)state;
    assert_string_equal(last_line("a\033[31mb\0c\td\n", 12), "a [31mb c d");
}

static void test_the_end_of_much_is_kept(void **state)
{
    (void)state;
    char much[8000];
    memset(much, 'm', sizeof(much));
    memcpy(much + sizeof(much) - 8, "\nthe end", 8);
    assert_string_equal(last_line(much, sizeof(much)), "the end");
    memset(much, 'm', sizeof(much));
    assert_int_equal(strlen(last_line(much, sizeof(much))), sizeof(line) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_line_counts),
        cmocka_unit_test(test_nothing_was_said),
        cmocka_unit_test(test_control_characters_go),
        cmocka_unit_test(test_the_end_of_much_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
