/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "images.h"

#include "boot/arm64/zboot.h"

/* Unwraps `zboot`; the source stays open in `packed`. */
static abx_status unwrap(const blob *zboot, abx_packed *packed)
{
    *packed = (abx_packed){ .payload = scratch_source("zboot", zboot) };
    abx_status status = abx_zboot_unwrap(packed);
    abx_source_close(&packed->payload);
    return status;
}

static blob make(image_packing packing)
{
    blob image = image_make_arm64(&image_arm64_linux);
    blob payload = image_pack_linux(&image, packing);
    blob zboot = image_make_zboot(&payload, image_packing_names[packing], packing != PACK_GZIP);
    blob_free(&payload);
    blob_free(&image);
    return zboot;
}

static void test_recognised(void **state)
{
    (void)state;
    blob zboot = make(PACK_GZIP);
    assert_true(abx_zboot_is(zboot.data, 56));
    assert_false(abx_zboot_is(zboot.data, 55));
    zboot.data[0] = 'm';
    assert_false(abx_zboot_is(zboot.data, zboot.size));
    blob_free(&zboot);
}

static void test_payload_and_its_size(void **state)
{
    (void)state;
    for (unsigned packing = 0; packing < PACK_COUNT; packing++) {
        abx_packed packed;
        blob zboot = make(packing);
        assert_ok(unwrap(&zboot, &packed));
        assert_string_equal(abx_compression_name(packed.compression), image_packing_names[packing]);
        assert_int_equal(packed.payload.base, 0x1234);
        assert_int_equal(packed.payload.size, abx_get_le32(zboot.data + 12));
        assert_int_equal(packed.size, image_arm64_linux.length);
        blob_free(&zboot);
    }
}

static void test_payload_beyond_the_file(void **state)
{
    (void)state;
    static const struct {
        uint32_t offset, size;
    } cases[] = { { 0x1234, 0 },          { 0x1234, UINT32_MAX }, { UINT32_MAX, 1 }, { UINT32_MAX, UINT32_MAX },
                  { 0x10000000, 0x1000 }, { 0, 0x100 },           { 55, 0x100 } };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        abx_packed packed;
        blob zboot = make(PACK_GZIP);
        blob_put_le(&zboot, 8, 4, cases[i].offset);
        blob_put_le(&zboot, 12, 4, cases[i].size);
        assert_failed_saying(ABX_ERR_FORMAT, "payload", unwrap(&zboot, &packed));
        blob_free(&zboot);
    }
}

static void test_cut_short(void **state)
{
    (void)state;
    abx_packed packed;
    blob zboot = make(PACK_ZSTD);
    blob_resize(&zboot, 0x1234 + abx_get_le32(zboot.data + 12) + 3); /* within the unpacked size */
    assert_failed(ABX_ERR_FORMAT, unwrap(&zboot, &packed));
    blob_resize(&zboot, 40);
    assert_failed(ABX_ERR_FORMAT, unwrap(&zboot, &packed));
    blob_free(&zboot);
}

static void test_unknown_packing_is_named(void **state)
{
    (void)state;
    abx_packed packed;
    blob noise = { 0 };
    blob_noise(&noise, 0, 1000, 1);
    blob zboot = image_make_zboot(&noise, "snappy", false);
    assert_failed_saying(ABX_ERR_FORMAT, "'snappy'", unwrap(&zboot, &packed));
    memset(zboot.data + 24, 'x', 32); /* without an end, and then not for a terminal */
    assert_failed_saying(ABX_ERR_FORMAT, "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'", unwrap(&zboot, &packed));
    memset(zboot.data + 24, 0x1b, 32);
    assert_failed_saying(ABX_ERR_FORMAT, "''", unwrap(&zboot, &packed));
    blob_free(&zboot);
    blob_free(&noise);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recognised),
        cmocka_unit_test(test_payload_and_its_size),
        cmocka_unit_test(test_payload_beyond_the_file),
        cmocka_unit_test(test_cut_short),
        cmocka_unit_test(test_unknown_packing_is_named),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
