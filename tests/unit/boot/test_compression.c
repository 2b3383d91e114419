/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "images.h"

#include "boot/compression.h"

static void test_detects(void **state)
{
    (void)state;
    blob plain = { 0 };
    blob_noise(&plain, 0, 1000, 7);
    for (unsigned packing = 0; packing < PACK_COUNT; packing++) {
        blob packed = image_pack(&plain, packing);
        assert_string_equal(abx_compression_name(abx_compression_detect(packed.data, ABX_COMPRESSION_MAGIC)),
                            image_packing_names[packing]);
        for (size_t length = 0; length < 3; length++) {
            assert_int_equal(abx_compression_detect(packed.data, length), ABX_COMPRESSION_NONE);
        }
        blob_free(&packed);
    }
    blob_free(&plain);
}

static void test_by_name_only(void **state)
{
    (void)state;
    assert_int_equal(abx_compression_detect((const uint8_t *)"BZh91A", 6), ABX_COMPRESSION_BZIP2);
    assert_int_equal(abx_compression_detect((const uint8_t *)"\x89LZO\0\r", 6), ABX_COMPRESSION_LZO);
    assert_string_equal(abx_compression_name(ABX_COMPRESSION_BZIP2), "bzip2");
    assert_string_equal(abx_compression_name(ABX_COMPRESSION_LZO), "lzo");
}

static void test_none(void **state)
{
    (void)state;
    assert_int_equal(abx_compression_detect((const uint8_t *)"\177ELF\2\1", 6), ABX_COMPRESSION_NONE);
    assert_int_equal(abx_compression_detect((const uint8_t *)"MZ\0\0\0\0", 6), ABX_COMPRESSION_NONE);
    assert_string_equal(abx_compression_name(ABX_COMPRESSION_NONE), "none");
    assert_string_equal(abx_compression_name((abx_compression)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_detects), cmocka_unit_test(test_by_name_only),
                                        cmocka_unit_test(test_none) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
