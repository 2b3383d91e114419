/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "boot_test.h"

#include "boot/sink.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = ABX_SINK_BLOCK, BASE = 4096 };

static abx_sink begin(uint64_t limit)
{
    abx_sink sink = { .fd = memfd_create("sink", MFD_CLOEXEC), .base = BASE, .limit = limit, .name = "test" };
    assert_true(sink.fd >= 0);
    return sink;
}

static void assert_content(const abx_sink *sink, const blob *expected)
{
    blob got = { 0 };
    abx_source source = { .fd = sink->fd, .name = "sink", .base = sink->base, .size = sink->size };
    assert_int_equal(sink->size, expected->size);
    blob_resize(&got, expected->size);
    assert_ok(abx_source_read(&source, 0, got.data, got.size));
    assert_memory_equal(got.data, expected->data, got.size);
    blob_free(&got);
}

static void test_leaves_out_zeros(void **state)
{
    (void)state;
    blob content = { 0 };
    abx_sink sink = begin(UINT32_MAX);
    struct stat status;
    blob_noise(&content, 0, BLOCK, 1);
    blob_resize(&content, 4 * BLOCK); /* blocks 1 to 3 */
    blob_noise(&content, 4 * BLOCK + 17, 1, 2);
    blob_resize(&content, 6 * BLOCK); /* block 5 */
    blob_noise(&content, 6 * BLOCK, BLOCK, 3);
    blob_resize(&content, 8 * BLOCK + 100); /* block 7, and a piece */
    assert_ok(abx_sink_write(&sink, content.data, 2 * BLOCK));
    assert_ok(abx_sink_write(&sink, content.data + 2 * BLOCK, 4 * BLOCK));
    assert_ok(abx_sink_write(&sink, content.data + 6 * BLOCK, 2 * BLOCK + 100));
    assert_ok(abx_sink_finish(&sink));
    assert_content(&sink, &content);
    assert_int_equal(sink.hole_count, 3);
    assert_int_equal(sink.holes[0].first, 1);
    assert_int_equal(sink.holes[0].count, 3);
    assert_int_equal(sink.holes[1].first, 5);
    assert_int_equal(sink.holes[1].count, 1);
    assert_int_equal(sink.holes[2].first, 7);
    assert_int_equal(sink.holes[2].count, 1);
    assert_int_equal(fstat(sink.fd, &status), 0);
    assert_int_equal(status.st_size, BASE + content.size);
    assert_true((uint64_t)status.st_blocks * 512 < 5 * BLOCK);
    close(sink.fd);
    blob_free(&content);
}

static void test_all_zeros(void **state)
{
    (void)state;
    blob content = { 0 };
    abx_sink sink = begin(UINT32_MAX);
    blob_resize(&content, 3 * BLOCK);
    assert_ok(abx_sink_write(&sink, content.data, content.size));
    assert_ok(abx_sink_finish(&sink));
    assert_content(&sink, &content);
    assert_int_equal(sink.hole_count, 1);
    assert_int_equal(sink.holes[0].count, 3);
    close(sink.fd);
    blob_free(&content);
}

static void test_more_holes_than_fit_are_data(void **state)
{
    (void)state;
    blob content = { 0 };
    abx_sink sink = begin(UINT32_MAX);
    blob_resize(&content, (size_t)(2 * ABX_SINK_MAX_HOLES + 20) * BLOCK);
    for (size_t i = 0; i < content.size; i += 2 * BLOCK) {
        content.data[i] = 1;
    }
    assert_ok(abx_sink_write(&sink, content.data, content.size));
    assert_ok(abx_sink_finish(&sink));
    assert_content(&sink, &content);
    assert_int_equal(sink.hole_count, ABX_SINK_MAX_HOLES);
    close(sink.fd);
    blob_free(&content);
}

static void test_odd_pieces_are_data(void **state)
{
    (void)state;
    blob content = { 0 };
    abx_sink sink = begin(UINT32_MAX);
    blob_resize(&content, 3 * BLOCK);
    assert_ok(abx_sink_write(&sink, content.data, 100));
    assert_ok(abx_sink_write(&sink, content.data + 100, content.size - 100));
    assert_ok(abx_sink_finish(&sink));
    assert_content(&sink, &content);
    assert_int_equal(sink.hole_count, 0);
    close(sink.fd);
    blob_free(&content);
}

static void test_limit(void **state)
{
    (void)state;
    blob content = { 0 };
    abx_sink sink = begin(BLOCK);
    blob_resize(&content, BLOCK + 1);
    assert_failed_saying(ABX_ERR_FORMAT, "more than 65536", abx_sink_write(&sink, content.data, BLOCK + 1));
    assert_ok(abx_sink_write(&sink, content.data, BLOCK));
    assert_failed(ABX_ERR_FORMAT, abx_sink_write(&sink, content.data, 1));
    assert_ok(abx_sink_write(&sink, content.data, 0));
    close(sink.fd);
    blob_free(&content);
}

static void test_full_disk(void **state)
{
    (void)state;
    blob content = { 0 };
    abx_sink sink = begin(UINT32_MAX);
    close(sink.fd);
    sink.fd = open("/dev/full", O_RDWR | O_CLOEXEC);
    assert_true(sink.fd >= 0);
    blob_noise(&content, 0, BLOCK, 1);
    assert_failed(ABX_ERR_LIMIT, abx_sink_write(&sink, content.data, BLOCK));
    assert_int_equal(sink.size, 0);
    close(sink.fd);
    blob_free(&content);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_leaves_out_zeros),
        cmocka_unit_test(test_all_zeros),
        cmocka_unit_test(test_more_holes_than_fit_are_data),
        cmocka_unit_test(test_odd_pieces_are_data),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
