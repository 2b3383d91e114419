/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "images.h"

#include "boot/x86_64/bzimage.h"

static blob good_image(void)
{
    blob payload = { 0 };
    blob_noise(&payload, 0, 1000, 1);
    blob image = image_make_bzimage(&payload);
    blob_free(&payload);
    return image;
}

static abx_status parse(const blob *image, abx_bzimage *bz)
{
    abx_source source = scratch_source("bzImage", image);
    abx_status status = abx_bzimage_parse(bz, &source);
    abx_source_close(&source);
    return status;
}

static void test_parses(void **state)
{
    (void)state;
    blob image = good_image();
    abx_bzimage bz;
    assert_true(abx_bzimage_is(image.data, image.size));
    assert_ok(parse(&image, &bz));
    assert_int_equal(bz.payload_length, 1000);
    assert_int_equal(bz.payload_offset, 5 * 512 + 0x2cc);
    assert_string_equal(bz.version, "6.1.0-setup (builder@host) #1 SMP");
    assert_int_equal(abx_setup_header_cmdline_max(&bz.header), 2047);
    assert_int_equal(abx_setup_header_initrd_max(&bz.header), 0x7fffffff);
    /* What lies behind the header's end stays behind. */
    assert_memory_equal(bz.header.bytes, image.data + ABX_SETUP_HEADER, 0x26c - ABX_SETUP_HEADER);
    for (size_t i = 0x26c; i < ABX_SETUP_HEADER_END; i++) {
        assert_int_equal(bz.header.bytes[i - ABX_SETUP_HEADER], 0);
    }
    blob_free(&image);
}

static void test_no_sectors_mean_four(void **state)
{
    (void)state;
    blob image = good_image();
    abx_bzimage bz;
    blob_put_le(&image, 0x1f1, 1, 0);
    assert_ok(parse(&image, &bz));
    assert_int_equal(bz.payload_offset, 5 * 512 + 0x2cc);
    blob_free(&image);
}

static void test_refuses(void **state)
{
    (void)state;
    const struct {
        size_t offset;
        unsigned width;
        uint64_t value;
        const char *text;
    } faults[] = {
        { 0x1f1, 1, 255, "payload" },
        { 0x1fe, 2, 0x55aa, "no bzImage" },
        { 0x201, 1, 0, "length of its setup header" },
        { 0x201, 1, 0x65, "length of its setup header" },
        { 0x201, 1, 0x8f, "length of its setup header" },
        { 0x202, 1, 'h', "no bzImage" },
        { 0x206, 2, 0x20b, "2.12" },
        { 0x211, 1, 0, "zImage" },
        { 0x236, 2, 0, "32-bit" },
        { 0x248, 4, 0xffffffff, "payload" },
        { 0x24c, 4, 0xffffffff, "payload" },
        { 0x24c, 4, 0, "payload" },
        { 0x24c, 4, 1257, "payload" },
    };
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        blob image = good_image();
        abx_bzimage bz;
        blob_put_le(&image, faults[i].offset, faults[i].width, faults[i].value);
        assert_failed_saying(ABX_ERR_FORMAT, faults[i].text, parse(&image, &bz));
        blob_free(&image);
    }
}

static void test_truncated_anywhere(void **state)
{
    (void)state;
    blob image = good_image();
    abx_bzimage bz;
    blob_resize(&image, image.size - 0x100); /* what the payload is followed by */
    assert_ok(parse(&image, &bz));
    while (image.size > 0) {
        blob_resize(&image, image.size - (image.size > 0x280 ? 7 : 1)); /* 7: behind the header any will do */
        assert_failed(ABX_ERR_FORMAT, parse(&image, &bz));
        if (image.size < 0x206) {
            assert_false(abx_bzimage_is(image.data, image.size));
        }
    }
    blob_free(&image);
}

static void test_hostile_versions(void **state)
{
    (void)state;
    blob image = good_image();
    abx_bzimage bz;
    blob_put_le(&image, 0x20e, 2, 0);
    assert_ok(parse(&image, &bz));
    assert_string_equal(bz.version, "");
    blob_put_le(&image, 0x20e, 2, 0xffff);
    assert_ok(parse(&image, &bz));
    assert_string_equal(bz.version, "");
    blob_put_le(&image, 0x20e, 2, image.size - 0x200 - 3);
    blob_put(&image, image.size - 3, "6.1", 3);
    assert_ok(parse(&image, &bz));
    assert_string_equal(bz.version, "6.1");
    blob_put_le(&image, 0x20e, 2, 0x400);
    memset(image.data + 0x600, 'v', 300);
    assert_ok(parse(&image, &bz));
    assert_int_equal(strlen(bz.version), sizeof(bz.version) - 1);
    image.data[0x605] = 0x1b; /* no control characters on somebody's terminal */
    assert_ok(parse(&image, &bz));
    assert_string_equal(bz.version, "vvvvv");
    blob_free(&image);
}

static void test_default_header(void **state)
{
    (void)state;
    abx_setup_header header;
    abx_setup_header_default(&header);
    assert_int_equal(abx_get_le32(header.bytes + 0x202 - ABX_SETUP_HEADER), 0x53726448);
    assert_int_equal(abx_get_le16(header.bytes + 0x1fe - ABX_SETUP_HEADER), 0xaa55);
    assert_int_equal(abx_setup_header_cmdline_max(&header), 2047);
    assert_int_equal(abx_setup_header_initrd_max(&header), 0x7fffffff);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parses),           cmocka_unit_test(test_no_sectors_mean_four),
        cmocka_unit_test(test_refuses),          cmocka_unit_test(test_truncated_anywhere),
        cmocka_unit_test(test_hostile_versions), cmocka_unit_test(test_default_header),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
