/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control_test.h"

#include "control/buffer.h"

#include <string.h>

static void lines_come_out_whole(void **state)
{
    (void)state;
    abx_buffer buffer = ABX_BUFFER_INIT(64);
    size_t length;
    assert_false(abx_buffer_line(&buffer, &length));
    assert_true(abx_buffer_add(&buffer, "on", 2));
    assert_false(abx_buffer_line(&buffer, &length));
    assert_true(abx_buffer_add(&buffer, "e\n\ntw", 5));
    assert_true(abx_buffer_line(&buffer, &length));
    assert_int_equal(length, 3);
    assert_memory_equal(abx_buffer_bytes(&buffer), "one", 3);
    abx_buffer_drop(&buffer, length + 1);
    assert_true(abx_buffer_line(&buffer, &length));
    assert_int_equal(length, 0);
    abx_buffer_drop(&buffer, 1);
    assert_false(abx_buffer_line(&buffer, &length));
    assert_int_equal(abx_buffer_length(&buffer), 2);
    abx_buffer_drop(&buffer, 2);
    assert_null(buffer.bytes);
    abx_buffer_free(&buffer);
}

static void the_limit_holds(void **state)
{
    (void)state;
    char bytes[100];
    memset(bytes, 'x', sizeof(bytes));
    abx_buffer buffer = ABX_BUFFER_INIT(100);
    assert_true(abx_buffer_add(&buffer, bytes, 60));
    assert_false(abx_buffer_add(&buffer, bytes, 41));
    assert_int_equal(abx_buffer_length(&buffer), 60);
    assert_true(abx_buffer_add(&buffer, bytes, 40));
    assert_false(abx_buffer_add(&buffer, bytes, 1));
    abx_buffer_drop(&buffer, 50);
    assert_true(abx_buffer_add(&buffer, bytes, 50));
    abx_buffer_cut(&buffer, 10);
    assert_int_equal(abx_buffer_length(&buffer), 10);
    abx_buffer_cut(&buffer, 0);
    assert_null(buffer.bytes);
}

/* What goes in byte by byte comes out the same, however it is taken. */
static void bytes_stay_in_order(void **state)
{
    (void)state;
    abx_buffer buffer = ABX_BUFFER_INIT(4096);
    unsigned char in = 0, out = 0;
    for (unsigned round = 0; round < 5000; round++) {
        for (unsigned i = 0; i < round % 7; i++, in++)
            assert_true(abx_buffer_add(&buffer, &in, 1));
        for (unsigned i = 0; i < round % 6 && abx_buffer_length(&buffer) > 0; i++, out++) {
            assert_int_equal((unsigned char)*abx_buffer_bytes(&buffer), out);
            abx_buffer_drop(&buffer, 1);
        }
    }
    abx_buffer_free(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_out_whole),
        cmocka_unit_test(the_limit_holds),
        cmocka_unit_test(bytes_stay_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
