/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "images.h"

#include "boot/arm64/image.h"

static abx_status parse(const image_arm64 *made, abx_arm64_image *out)
{
    blob image = image_make_arm64(made);
    abx_source source = scratch_source("image", &image);
    abx_status status = abx_arm64_image_parse(out, &source);
    abx_source_close(&source);
    blob_free(&image);
    return status;
}

static void test_recognised(void **state)
{
    (void)state;
    blob image = image_make_arm64(&image_arm64_linux);
    assert_true(abx_arm64_image_is(image.data, image.size));
    assert_true(abx_arm64_image_is(image.data, 64));
    assert_false(abx_arm64_image_is(image.data, 63));
    image.data[59] = 0x65;
    assert_false(abx_arm64_image_is(image.data, image.size));
    blob_free(&image);
}

static void test_sizes(void **state)
{
    (void)state;
    abx_arm64_image image;
    assert_ok(parse(&image_arm64_linux, &image));
    assert_int_equal(image.text_offset, 0);
    assert_int_equal(image.file_length, 0x150000);
    assert_int_equal(image.memory_length, 0x200000);

    image_arm64 made = image_arm64_linux;
    made.text_offset = 0x80000;
    made.image_size = 0x100000; /* a signature follows it */
    assert_ok(parse(&made, &image));
    assert_int_equal(image.text_offset, 0x80000);
    assert_int_equal(image.file_length, 0x100000);
    assert_int_equal(image.memory_length, 0x100000);
}

/* "Where image_size is zero, text_offset can be assumed to be 0x80000." */
static void test_before_3_17(void **state)
{
    (void)state;
    abx_arm64_image image;
    image_arm64 made = image_arm64_linux;
    made.image_size = 0;
    made.text_offset = 0x0008000000000000; /* of the other endianness */
    assert_ok(parse(&made, &image));
    assert_int_equal(image.text_offset, 0x80000);
    assert_int_equal(image.file_length, 0x150000);
    assert_int_equal(image.memory_length, 0x150000);
}

static void test_refused(void **state)
{
    (void)state;
    abx_arm64_image image = { .text_offset = 7 };
    image_arm64 made = image_arm64_linux;
    made.flags |= 1;
    assert_failed_saying(ABX_ERR_NOT_SUPPORTED, "big-endian", parse(&made, &image));
    made = image_arm64_linux;
    made.text_offset = 0x200000;
    assert_failed_saying(ABX_ERR_FORMAT, "offset", parse(&made, &image));
    made.text_offset = 2;
    assert_failed_saying(ABX_ERR_FORMAT, "offset", parse(&made, &image));
    made = image_arm64_linux;
    made.image_size = 63;
    assert_failed_saying(ABX_ERR_FORMAT, "size", parse(&made, &image));
    blob cut = image_make_arm64(&image_arm64_linux);
    blob_resize(&cut, 63);
    abx_source source = scratch_source("cut", &cut);
    assert_failed(ABX_ERR_FORMAT, abx_arm64_image_parse(&image, &source));
    abx_source_close(&source);
    blob_resize(&cut, 0);
    blob_resize(&cut, 64);
    source = scratch_source("cut", &cut);
    assert_failed_saying(ABX_ERR_FORMAT, "no Image", abx_arm64_image_parse(&image, &source));
    abx_source_close(&source);
    blob_free(&cut);
    assert_int_equal(image.text_offset, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recognised),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_before_3_17),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
