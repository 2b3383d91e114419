/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "qemu_test.h"

#include "qemu/line_buffer.h"

#include <string.h>

static void feed(abx_line_buffer *buffer, const char *bytes, size_t length)
{
    while (length > 0) {
        char *place;
        size_t room;
        assert_int_equal(abx_line_buffer_room(buffer, &place, &room), ABX_OK);
        assert_true(room > 0);
        size_t part = length < room ? length : room;
        memcpy(place, bytes, part);
        abx_line_buffer_added(buffer, part);
        bytes += part;
        length -= part;
    }
}

static void expect(abx_line_buffer *buffer, const char *expected)
{
    const char *line;
    size_t length;
    assert_true(abx_line_buffer_take(buffer, &line, &length));
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(line, expected, length);
}

static void expect_none(abx_line_buffer *buffer)
{
    const char *line;
    size_t length;
    assert_false(abx_line_buffer_take(buffer, &line, &length));
}

static void test_lines_come_out_whole(void **state)
{
    (void)state;
    abx_line_buffer buffer = ABX_LINE_BUFFER_INIT(64);
    expect_none(&buffer);
    feed(&buffer, "one\ntwo\n\nthr", 12);
    expect(&buffer, "one");
    expect(&buffer, "two");
    expect(&buffer, "");
    expect_none(&buffer);
    feed(&buffer, "ee\n", 3);
    expect(&buffer, "three");
    expect_none(&buffer);
    abx_line_buffer_free(&buffer);
}

static void test_byte_by_byte(void **state)
{
    (void)state;
    static const char text[] = "alpha\nbeta\n";
    abx_line_buffer buffer = ABX_LINE_BUFFER_INIT(8);
    for (size_t i = 0; i < 6; i++)
        feed(&buffer, text + i, 1);
    expect(&buffer, "alpha");
    for (size_t i = 6; i < 11; i++) {
        expect_none(&buffer);
        feed(&buffer, text + i, 1);
    }
    expect(&buffer, "beta");
    abx_line_buffer_free(&buffer);
}

static void test_a_line_of_the_greatest_length(void **state)
{
    (void)state;
    static char text[10000];
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\n';
    abx_line_buffer buffer = ABX_LINE_BUFFER_INIT(sizeof(text));
    for (int round = 0; round < 3; round++) {
        const char *line;
        size_t length;
        feed(&buffer, text, sizeof(text));
        assert_true(abx_line_buffer_take(&buffer, &line, &length));
        assert_int_equal(length, sizeof(text) - 1);
        assert_memory_equal(line, text, length);
    }
    abx_line_buffer_free(&buffer);
}

static void test_a_longer_line_is_refused(void **state)
{
    (void)state;
    char *place;
    size_t room;
    abx_line_buffer buffer = ABX_LINE_BUFFER_INIT(5000);
    char x[5000];
    memset(x, 'x', sizeof(x));
    feed(&buffer, x, sizeof(x));
    expect_none(&buffer);
    assert_int_equal(abx_line_buffer_room(&buffer, &place, &room), ABX_ERR_LIMIT);
    abx_line_buffer_free(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_come_out_whole),
        cmocka_unit_test(test_byte_by_byte),
        cmocka_unit_test(test_a_line_of_the_greatest_length),
        cmocka_unit_test(test_a_longer_line_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
