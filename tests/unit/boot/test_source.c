/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "boot_test.h"

#include <sys/stat.h>
#include <unistd.h>

static void test_reads_windows(void **state)
{
    (void)state;
    blob content = { 0 };
    uint8_t got[100];
    blob_noise(&content, 0, 1000, 1);
    abx_source source = scratch_source("file", &content);
    assert_int_equal(source.size, 1000);
    assert_ok(abx_source_read(&source, 900, got, 100));
    assert_memory_equal(got, content.data + 900, 100);
    assert_ok(abx_source_read(&source, 1000, got, 0));
    assert_failed(ABX_ERR_FORMAT, abx_source_read(&source, 901, got, 100));
    assert_failed(ABX_ERR_FORMAT, abx_source_read(&source, UINT64_MAX, got, 2));
    assert_failed(ABX_ERR_FORMAT, abx_source_read(&source, 0, got, UINT64_MAX));
    source.base = 500;
    source.size = 10;
    assert_ok(abx_source_read(&source, 3, got, 7));
    assert_memory_equal(got, content.data + 503, 7);
    assert_failed(ABX_ERR_FORMAT, abx_source_read(&source, 3, got, 8));
    abx_source_close(&source);
    assert_int_equal(source.fd, -1);
    abx_source_close(&source);
    blob_free(&content);
}

static void test_notices_a_file_that_shrinks(void **state)
{
    (void)state;
    blob content = { 0 };
    uint8_t got[100];
    blob_noise(&content, 0, 100, 1);
    abx_source source = scratch_source("shrinks", &content);
    assert_int_equal(truncate(scratch_path("shrinks"), 50), 0);
    assert_failed_saying(ABX_ERR_FORMAT, "shorter", abx_source_read(&source, 0, got, 100));
    assert_false(abx_source_peek(&source, 0, got, 100));
    assert_true(abx_source_peek(&source, 0, got, 50));
    abx_source_close(&source);
    blob_free(&content);
}

static void test_peeking_leaves_the_record_alone(void **state)
{
    (void)state;
    blob content = { 0 };
    uint8_t got[2];
    blob_noise(&content, 0, 1, 1);
    abx_source source = scratch_source("short", &content);
    assert_failed(ABX_ERR_TIMEOUT, abx_fail(ABX_ERR_TIMEOUT, 0, NULL, "something else"));
    assert_false(abx_source_peek(&source, 0, got, 2));
    assert_int_equal(abx_last_error()->status, ABX_ERR_TIMEOUT);
    abx_source_close(&source);
    blob_free(&content);
}

static void test_refuses_what_is_no_file(void **state)
{
    (void)state;
    abx_source source;
    const char *fifo = scratch_path("fifo");
    size_t descriptors = open_descriptors();
    assert_failed_saying(ABX_ERR_NOT_FOUND, "/not-there", abx_source_open(&source, scratch_path("not-there")));
    assert_failed_saying(ABX_ERR_FORMAT, "regular", abx_source_open(&source, scratch()));
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_failed_saying(ABX_ERR_FORMAT, "regular", abx_source_open(&source, fifo));
    assert_failed_saying(ABX_ERR_FORMAT, "regular", abx_source_open(&source, "/dev/zero"));
    assert_int_equal(open_descriptors(), descriptors);
}

static void test_permission(void **state)
{
    (void)state;
    blob content = { 0 };
    abx_source source;
    const char *path = scratch_write("secret", &content);
    assert_int_equal(chmod(path, 0), 0);
    become_user();
    assert_failed(ABX_ERR_PERMISSION, abx_source_open(&source, path));
    become_root();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_windows),
        cmocka_unit_test(test_notices_a_file_that_shrinks),
        cmocka_unit_test(test_peeking_leaves_the_record_alone),
        cmocka_unit_test(test_refuses_what_is_no_file),
        cmocka_unit_test(test_permission),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
