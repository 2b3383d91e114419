/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "images.h"

#include "boot/linux_version.h"

#include <elf.h>

static void assert_version(const blob *image, const char *expected)
{
    char version[ABX_LINUX_VERSION];
    abx_source source = scratch_source("vmlinux", image);
    abx_linux_version(&source, version);
    assert_string_equal(version, expected);
    abx_source_close(&source);
}

static void test_finds(void **state)
{
    (void)state;
    blob image = image_make_elf(&image_linux);
    assert_version(&image, "6.1.0-test (builder@host) #1 SMP");
    blob_free(&image);
}

static void test_cuts_long_ones(void **state)
{
    (void)state;
    char banner[400] = "Linux version ";
    image_elf made = image_linux;
    memset(banner + strlen(banner), '6', sizeof(banner) - strlen(banner) - 1);
    made.banner = banner;
    char expected[ABX_LINUX_VERSION] = "";
    memset(expected, '6', sizeof(expected) - 1);
    blob image = image_make_elf(&made);
    assert_version(&image, expected);
    blob_free(&image);
}

static void test_finds_nothing(void **state)
{
    (void)state;
    image_elf made = image_linux;
    blob empty = { 0 };
    made.banner = "Linux is nice";
    blob image = image_make_elf(&made);
    assert_version(&image, "");
    assert_version(&empty, "");
    blob_free(&image);
}

/* Every field of the section headers with values that lead nowhere. */
static void test_hostile_sections(void **state)
{
    (void)state;
    const uint64_t values[] = { 0, 1, 3, 0x7fffffff, 0xffffffff, UINT64_MAX, UINT64_MAX - 63 };
    image_elf made = image_linux;
    made.segments[0].file_length = 0x200;
    made.segments[0].zeros = 0;
    made.segments[1].memory_length = 0;
    blob good = image_make_elf(&made);
    size_t sections = abx_get_le64(good.data + offsetof(Elf64_Ehdr, e_shoff));
    for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
        for (size_t at = sections; at < sections + 3 * sizeof(Elf64_Shdr); at += 4) {
            blob image = blob_copy(&good);
            char version[ABX_LINUX_VERSION];
            blob_put_le(&image, at, 8, values[v]);
            abx_source source = scratch_source("vmlinux", &image);
            abx_linux_version(&source, version);
            abx_source_close(&source);
            blob_free(&image);
        }
        for (size_t at = offsetof(Elf64_Ehdr, e_shoff); at < sizeof(Elf64_Ehdr); at += 2) {
            blob image = blob_copy(&good);
            char version[ABX_LINUX_VERSION];
            blob_put_le(&image, at, 2, values[v]);
            abx_source source = scratch_source("vmlinux", &image);
            abx_linux_version(&source, version);
            abx_source_close(&source);
            blob_free(&image);
        }
    }
    blob_free(&good);
}

/* The scan of old kernels reads in pieces; the banner may lie on any seam. */
static void test_banner_anywhere(void **state)
{
    (void)state;
    const size_t chunk = 128 * 1024;
    for (size_t at = chunk - 15; at <= chunk + 1; at++) {
        blob image = { 0 };
        blob_resize(&image, 2 * chunk);
        blob_put(&image, at, "Linux version ", 14);
        abx_source source = scratch_source("old", &image);
        assert_true(abx_linux_banner(&source));
        abx_source_close(&source);
        image.data[at + 3] = 'X';
        source = scratch_source("old", &image);
        assert_false(abx_linux_banner(&source));
        abx_source_close(&source);
        blob_free(&image);
    }
}

static void search(const blob *image, char version[ABX_LINUX_VERSION])
{
    abx_source source = scratch_source("search", image);
    abx_linux_version_search(&source, version);
    abx_source_close(&source);
}

/* In images without sections, wherever the chunks of reading end. */
static void test_search(void **state)
{
    (void)state;
    static const char text[] = "Linux version 6.1.0-raw (builder@host)\n";
    static const size_t places[] = { 0, 1, 128 * 1024 - 20, 128 * 1024 - 14, 128 * 1024 - 1, 128 * 1024, 300000 };
    char version[ABX_LINUX_VERSION];
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        blob image = { 0 };
        blob_noise(&image, 0, 400000, 3);
        blob_put(&image, places[i], text, sizeof(text));
        search(&image, version);
        assert_string_equal(version, "6.1.0-raw (builder@host)");
        blob_resize(&image, places[i] + 17); /* the file ends within it */
        search(&image, version);
        assert_string_equal(version, "6.1");
        blob_resize(&image, places[i] + 13);
        search(&image, version);
        assert_string_equal(version, "");
        blob_free(&image);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds),           cmocka_unit_test(test_cuts_long_ones),
        cmocka_unit_test(test_finds_nothing),   cmocka_unit_test(test_hostile_sections),
        cmocka_unit_test(test_banner_anywhere), cmocka_unit_test(test_search),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
