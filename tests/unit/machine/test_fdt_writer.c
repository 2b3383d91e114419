/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "fdt/writer.h"

#include <libfdt.h>
#include <string.h>

static void what_was_written_is_read(void **state)
{
    (void)state;
    char buffer[1024];
    abx_fdt_writer writer;
    abx_fdt_begin(&writer, buffer, sizeof(buffer));
    abx_fdt_put_cell(&writer, "cell", 0x12345678);
    abx_fdt_open_at(&writer, "node", 0xabc);
    abx_fdt_put_flag(&writer, "flag");
    abx_fdt_put_string(&writer, "string", "text");
    abx_fdt_put_strings(&writer, "strings", "one\0two", sizeof("one\0two"));
    abx_fdt_put_cells(&writer, "cells", (const uint32_t[]){ 1, 2, 3 }, 3);
    abx_fdt_put_ranges(&writer, (const uint64_t[]){ 0x123456789, 0x1000 }, 1);
    abx_fdt_close(&writer);
    assert_int_equal(abx_fdt_finish(&writer), 0);
    assert_int_equal(fdt_check_full(buffer, fdt_totalsize(buffer)), 0);

    int length;
    int node = fdt_path_offset(buffer, "/node@abc");
    assert_true(node > 0);
    assert_memory_equal(fdt_getprop(buffer, 0, "cell", &length), "\x12\x34\x56\x78", 4);
    assert_non_null(fdt_getprop(buffer, node, "flag", &length));
    assert_int_equal(length, 0);
    assert_string_equal(fdt_getprop(buffer, node, "string", &length), "text");
    assert_int_equal(fdt_stringlist_search(buffer, node, "strings", "two"), 1);
    assert_int_equal(fdt_stringlist_count(buffer, node, "strings"), 2);
    assert_memory_equal(fdt_getprop(buffer, node, "cells", &length), "\0\0\0\1\0\0\0\2\0\0\0\3", 12);
    assert_memory_equal(fdt_getprop(buffer, node, "reg", &length), "\0\0\0\1\x23\x45\x67\x89\0\0\0\0\0\0\x10\0", 16);
}

static void the_first_error_stays(void **state)
{
    (void)state;
    char buffer[96];
    char text[200];
    abx_fdt_writer writer;
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    abx_fdt_begin(&writer, buffer, sizeof(buffer));
    abx_fdt_put_string(&writer, "long", text);
    abx_fdt_put_cell(&writer, "cell", 1);
    abx_fdt_open(&writer, "node");
    abx_fdt_close(&writer);
    assert_int_equal(abx_fdt_finish(&writer), -FDT_ERR_NOSPACE);
}

static void no_room_at_all(void **state)
{
    (void)state;
    char buffer[8];
    abx_fdt_writer writer;
    abx_fdt_begin(&writer, buffer, sizeof(buffer));
    assert_int_equal(abx_fdt_finish(&writer), -FDT_ERR_NOSPACE);
}

static void more_cells_than_it_takes(void **state)
{
    (void)state;
    char buffer[1024];
    static const uint32_t cells[33];
    static const uint64_t pairs[18];
    abx_fdt_writer writer;
    abx_fdt_begin(&writer, buffer, sizeof(buffer));
    abx_fdt_put_cells(&writer, "cells", cells, 33);
    assert_int_equal(abx_fdt_finish(&writer), -FDT_ERR_BADVALUE);
    abx_fdt_begin(&writer, buffer, sizeof(buffer));
    abx_fdt_put_ranges(&writer, pairs, 9);
    assert_int_equal(abx_fdt_finish(&writer), -FDT_ERR_BADVALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(the_first_error_stays),
        cmocka_unit_test(no_room_at_all),
        cmocka_unit_test(more_cells_than_it_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
