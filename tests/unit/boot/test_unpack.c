/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Unpacking, and with it every codec. */
#include "images.h"

#include "boot/unpack.h"

#include <sys/mman.h>
#include <unistd.h>

static abx_status unpack(const blob *packed, uint64_t limit, blob *out)
{
    abx_source payload = scratch_source("packed", packed);
    abx_sink sink = { .fd = memfd_create("unpacked", MFD_CLOEXEC), .limit = limit, .name = "packed" };
    size_t head = packed->size < ABX_COMPRESSION_MAGIC ? packed->size : ABX_COMPRESSION_MAGIC;
    abx_status status = abx_unpack(&payload, abx_compression_detect(packed->data, head), &sink);
    if (status == ABX_OK && out) {
        abx_source source = { .fd = sink.fd, .name = "unpacked", .size = sink.size };
        blob_resize(out, sink.size);
        assert_ok(abx_source_read(&source, 0, out->data, out->size));
    }
    close(sink.fd);
    abx_source_close(&payload);
    return status;
}

static blob sample(size_t size)
{
    blob plain = { 0 };
    blob_noise(&plain, 0, size / 4, 7);
    blob_resize(&plain, size);
    blob_noise(&plain, size / 2, size / 8, 8);
    return plain;
}

static void test_round_trips(void **state)
{
    (void)state;
    static const size_t sizes[] = { 1, 100, 65536, 65537, (1 << 20) + 5 };
    for (unsigned packing = 0; packing < PACK_COUNT; packing++) {
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            blob plain = sample(sizes[i]);
            blob packed = image_pack(&plain, packing);
            blob got = { 0 };
            assert_ok(unpack(&packed, plain.size, &got));
            assert_int_equal(got.size, plain.size);
            assert_memory_equal(got.data, plain.data, plain.size);
            blob_free(&got);
            blob_free(&packed);
            blob_free(&plain);
        }
    }
}

/* The legacy format of LZ4 has blocks of 8 MiB. */
static void test_several_blocks(void **state)
{
    (void)state;
    blob plain = { 0 };
    blob got = { 0 };
    blob_resize(&plain, (17 << 20) + 5);
    blob_noise(&plain, (8 << 20) - 1000, 2000, 7);
    blob_noise(&plain, (16 << 20) - 1000, 2000, 8);
    blob packed = image_pack(&plain, PACK_LZ4_LEGACY);
    assert_ok(unpack(&packed, plain.size, &got));
    assert_int_equal(got.size, plain.size);
    assert_memory_equal(got.data, plain.data, plain.size);
    blob_free(&got);
    blob_free(&packed);
    blob_free(&plain);
}

static void test_what_is_known_by_name_only(void **state)
{
    (void)state;
    blob bzip2 = { 0 };
    blob lzo = { 0 };
    blob_put(&bzip2, 0, "BZh91AY&SY", 10);
    blob_put(&lzo, 0, "\x89LZO\0\r\n\x1a\n", 9);
    assert_failed_saying(ABX_ERR_NOT_SUPPORTED, "bzip2", unpack(&bzip2, 1 << 20, NULL));
    assert_failed_saying(ABX_ERR_NOT_SUPPORTED, "lzo", unpack(&lzo, 1 << 20, NULL));
    blob_free(&bzip2);
    blob_free(&lzo);
}

/* Cut off anywhere it does not unpack, but for LZ4's legacy format at the seams of its blocks. */
static void test_truncated(void **state)
{
    (void)state;
    blob plain = sample(300);
    for (unsigned packing = 0; packing < PACK_COUNT; packing++) {
        blob packed = image_pack(&plain, packing);
        for (size_t size = packed.size; size-- > 6;) {
            blob_resize(&packed, size);
            assert_failed(ABX_ERR_FORMAT, unpack(&packed, plain.size, NULL));
        }
        blob_free(&packed);
    }
    blob_free(&plain);
}

static void test_damaged(void **state)
{
    (void)state;
    uint32_t seed = 42;
    blob plain = sample(5000);
    for (unsigned packing = 0; packing < PACK_COUNT; packing++) {
        blob packed = image_pack(&plain, packing);
        for (unsigned round = 0; round < 150; round++) {
            blob copy = blob_copy(&packed);
            size_t at = 4 + next_random(&seed) % (copy.size - 4);
            copy.data[at] ^= (uint8_t)(1 + next_random(&seed) % 255);
            abx_status status = unpack(&copy, 1 << 20, NULL);
            assert_true(status == ABX_OK || status == ABX_ERR_FORMAT || status == ABX_ERR_NOT_SUPPORTED ||
                        status == ABX_ERR_NO_MEMORY);
            blob_free(&copy);
        }
        blob_free(&packed);
    }
    blob_free(&plain);
}

static void test_bombs(void **state)
{
    (void)state;
    blob plain = { 0 };
    blob_resize(&plain, 9 << 20);
    for (unsigned packing = 0; packing < PACK_COUNT; packing++) {
        blob packed = image_pack(&plain, packing);
        assert_failed_saying(ABX_ERR_FORMAT, "more than", unpack(&packed, plain.size - 1, NULL));
        assert_ok(unpack(&packed, plain.size, NULL));
        blob_free(&packed);
    }
    blob_free(&plain);
}

static void test_limits(void **state)
{
    (void)state;
    assert_int_equal(abx_unpack_limit(0), 64u << 20);
    assert_int_equal(abx_unpack_limit(1 << 20), 64u << 20);
    assert_int_equal(abx_unpack_limit(10 << 20), 640u << 20);
    assert_int_equal(abx_unpack_limit(14 << 20), 896u << 20);
    assert_int_equal(abx_unpack_limit(UINT64_MAX), 1u << 30);
}

/* An xz stream whose dictionary would take more memory than any kernel's, an LZMA one of 4 GiB. */
static void test_greedy_streams(void **state)
{
    (void)state;
    blob plain = sample(100);
    blob packed = image_pack(&plain, PACK_LZMA);
    blob_put_le(&packed, 1, 4, 0x80000000u);
    blob_put_le(&packed, 1, 1, 0);
    assert_failed(ABX_ERR_NO_MEMORY, unpack(&packed, 1 << 20, NULL));
    blob_free(&packed);
    blob_free(&plain);
}

static void test_what_follows_the_end(void **state)
{
    (void)state;
    blob plain = sample(1000);
    for (unsigned packing = 0; packing < PACK_LZ4_LEGACY; packing++) {
        blob packed = image_pack(&plain, packing);
        blob got = { 0 };
        blob_noise(&packed, packed.size, 200, 3);
        assert_ok(unpack(&packed, plain.size, &got));
        assert_int_equal(got.size, plain.size);
        blob_free(&got);
        blob_free(&packed);
    }
    blob_free(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_several_blocks),
        cmocka_unit_test(test_what_is_known_by_name_only),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_bombs),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_greedy_streams),
        cmocka_unit_test(test_what_follows_the_end),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
