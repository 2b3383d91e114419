/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"

#include "virtio/pieces.h"

#include <string.h>

static char text[] = "abcdefghij";
static const struct iovec pieces[] = { { text, 3 }, { text + 3, 1 }, { text + 4, 6 } };

static void bytes_are_read_across_pieces(void **state)
{
    (void)state;
    for (size_t offset = 0; offset <= 12; offset++) {
        for (size_t length = 0; length <= 12; length++) {
            char out[13] = { 0 };
            size_t expected = offset >= 10 ? 0 : length < 10 - offset ? length : 10 - offset;
            assert_int_equal(abx_pieces_read(pieces, 3, offset, out, length), expected);
            assert_memory_equal(out, text + (offset < 10 ? offset : 0), expected);
            assert_int_equal(out[expected], 0);
        }
    }
}

static void bytes_are_written_across_pieces(void **state)
{
    (void)state;
    char to[11] = "..........";
    const struct iovec list[] = { { to, 4 }, { to + 4, 6 } };
    assert_int_equal(abx_pieces_write(list, 2, 2, "12345", 5), 5);
    assert_string_equal(to, "..12345...");
    assert_int_equal(abx_pieces_write(list, 2, 8, "12345", 5), 2);
    assert_string_equal(to, "..12345.12");
    assert_int_equal(abx_pieces_write(list, 2, 10, "1", 1), 0);
}

static void a_slice_is_the_same_bytes(void **state)
{
    (void)state;
    for (size_t offset = 0; offset <= 10; offset++) {
        for (size_t length = 0; length <= 10 - offset; length++) {
            struct iovec out[3];
            char bytes[10];
            uint32_t count = abx_pieces_slice(out, pieces, 3, offset, length);
            assert_int_equal(abx_pieces_read(out, count, 0, bytes, 10), length);
            assert_memory_equal(bytes, text + offset, length);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_read_across_pieces),
        cmocka_unit_test(bytes_are_written_across_pieces),
        cmocka_unit_test(a_slice_is_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
