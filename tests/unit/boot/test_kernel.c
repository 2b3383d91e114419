/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Opening kernels of every kind, and telling what they are. */
#include "images.h"

#include <arcbox/boot.h>

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

static const image_elf multiboot_elf = {
    .narrow = true,
    .machine = EM_386,
    .entry = 0x100010,
    .segments = { { .paddr = 0x100000, .vaddr = 0x100000, .file_length = 0x2000, .memory_length = 0x3000 } },
    .multiboot = true
};

static abx_status try_open(const blob *image, const abx_kernel_options *options, abx_kernel **kernel)
{
    abx_kernel_options plain = OPTIONS_FOR(ABX_ARCH_X86_64);
    plain.cache = "";
    return abx_kernel_open(kernel, scratch_write("kernel", image), options ? options : &plain);
}

static abx_kernel *must_open(const blob *image, const abx_kernel_options *options)
{
    abx_kernel *kernel;
    assert_ok(try_open(image, options, &kernel));
    return kernel;
}

static void assert_refused(abx_status expected, const char *text, const blob *image, abx_image_kind kind)
{
    abx_kernel_options options = OPTIONS_FOR(ABX_ARCH_X86_64);
    abx_kernel *kernel = (abx_kernel *)&options;
    size_t descriptors = open_descriptors();
    options.kind = kind;
    options.cache = "";
    assert_failed_saying(expected, text, try_open(image, &options, &kernel));
    assert_ptr_equal(kernel, &options);
    assert_int_equal(open_descriptors(), descriptors);
}

static void test_vmlinux(void **state)
{
    (void)state;
    blob image = image_make_elf(&image_linux);
    abx_kernel *kernel = must_open(&image, NULL);
    const abx_kernel_info *info = abx_kernel_get_info(kernel);
    assert_int_equal(info->kind, ABX_IMAGE_LINUX);
    assert_int_equal(info->arch, ABX_ARCH_X86_64);
    assert_int_equal(info->entry, 0x1000040);
    assert_int_equal(info->load_low, 0x1000000);
    assert_int_equal(info->load_high, 0x1208000);
    assert_string_equal(info->compression, "none");
    assert_false(info->from_cache);
    assert_string_equal(info->version, "6.1.0-test (builder@host) #1 SMP");
    abx_kernel_close(kernel);
    blob_free(&image);
}

static void test_packed_vmlinux(void **state)
{
    (void)state;
    blob image = image_make_elf(&image_linux);
    for (unsigned packing = 0; packing < PACK_COUNT; packing++) {
        blob packed = image_pack(&image, packing);
        abx_kernel *kernel = must_open(&packed, NULL);
        const abx_kernel_info *info = abx_kernel_get_info(kernel);
        assert_int_equal(info->kind, ABX_IMAGE_LINUX);
        assert_int_equal(info->load_high, 0x1208000);
        assert_string_equal(info->compression, image_packing_names[packing]);
        assert_string_equal(info->version, "6.1.0-test (builder@host) #1 SMP");
        abx_kernel_close(kernel);
        blob_free(&packed);
    }
    blob_free(&image);
}

static void test_bzimage(void **state)
{
    (void)state;
    abx_kernel_options options = OPTIONS_FOR(ABX_ARCH_X86_64);
    blob image = image_make_elf(&image_linux);
    options.cache = scratch_path("kernels");
    for (unsigned packing = 0; packing < PACK_COUNT; packing++) {
        blob payload = image_pack_linux(&image, packing);
        blob bzimage = image_make_bzimage(&payload);
        for (int round = 0; round < 2; round++) {
            abx_kernel *kernel = must_open(&bzimage, &options);
            const abx_kernel_info *info = abx_kernel_get_info(kernel);
            assert_int_equal(info->kind, ABX_IMAGE_LINUX);
            assert_int_equal(info->entry, 0x1000040);
            assert_string_equal(info->compression, image_packing_names[packing]);
            assert_string_equal(info->version, "6.1.0-setup (builder@host) #1 SMP");
            assert_int_equal(info->from_cache, round == 1);
            abx_kernel_close(kernel);
        }
        blob_free(&bzimage);
        blob_free(&payload);
    }
    blob bzimage = image_make_bzimage(&image); /* not packed at all */
    abx_kernel *kernel = must_open(&bzimage, &options);
    assert_string_equal(abx_kernel_get_info(kernel)->compression, "none");
    abx_kernel_close(kernel);
    blob_free(&bzimage);
    blob_free(&image);
}

static void test_bzimage_with_a_wrong_size(void **state)
{
    (void)state;
    blob image = image_make_elf(&image_linux);
    blob payload = image_pack_linux(&image, PACK_LZ4_LEGACY);
    blob_put_le(&payload, payload.size - 4, 4, image.size + 1);
    blob bzimage = image_make_bzimage(&payload);
    assert_refused(ABX_ERR_FORMAT, "instead of", &bzimage, ABX_IMAGE_AUTO);
    blob_free(&bzimage);
    blob_put_le(&payload, payload.size - 4, 4, image.size - 1);
    bzimage = image_make_bzimage(&payload);
    assert_refused(ABX_ERR_FORMAT, "more than", &bzimage, ABX_IMAGE_AUTO);
    blob_free(&bzimage);
    blob_free(&payload);
    blob_put(&payload, 0, "\x1f\x8b\x08", 3);
    bzimage = image_make_bzimage(&payload);
    assert_refused(ABX_ERR_FORMAT, "", &bzimage, ABX_IMAGE_AUTO);
    blob_free(&bzimage);
    blob_free(&payload);
    blob_put(&payload, 0, "BZh91AY&SY....", 14);
    bzimage = image_make_bzimage(&payload);
    assert_refused(ABX_ERR_NOT_SUPPORTED, "bzip2", &bzimage, ABX_IMAGE_AUTO);
    blob_free(&bzimage);
    blob_free(&payload);
    blob_free(&image);
}

static void test_pvh(void **state)
{
    (void)state;
    image_elf made = image_linux;
    abx_kernel_options options = OPTIONS_FOR(ABX_ARCH_X86_64);
    made.linux_note = false;
    made.banner = NULL;
    blob image = image_make_elf(&made);
    abx_kernel *kernel = must_open(&image, NULL);
    assert_int_equal(abx_kernel_get_info(kernel)->kind, ABX_IMAGE_PVH);
    assert_int_equal(abx_kernel_get_info(kernel)->entry, 0x1000080);
    assert_string_equal(abx_kernel_get_info(kernel)->version, "");
    abx_kernel_close(kernel);
    blob_free(&image);
    /* A Linux can be asked to go that way. */
    image = image_make_elf(&image_linux);
    options.kind = ABX_IMAGE_PVH;
    options.cache = "";
    kernel = must_open(&image, &options);
    assert_int_equal(abx_kernel_get_info(kernel)->kind, ABX_IMAGE_PVH);
    assert_int_equal(abx_kernel_get_info(kernel)->entry, 0x1000080);
    abx_kernel_close(kernel);
    assert_refused(ABX_ERR_FORMAT, "no Multiboot header", &image, ABX_IMAGE_MULTIBOOT);
    blob_free(&image);
    made.pvh_entry = 0x100000;
    image = image_make_elf(&made);
    assert_refused(ABX_ERR_FORMAT, "entry point", &image, ABX_IMAGE_AUTO);
    blob_free(&image);
}

static void test_multiboot(void **state)
{
    (void)state;
    blob image = image_make_elf(&multiboot_elf);
    abx_kernel *kernel = must_open(&image, NULL);
    assert_int_equal(abx_kernel_get_info(kernel)->kind, ABX_IMAGE_MULTIBOOT);
    assert_int_equal(abx_kernel_get_info(kernel)->entry, 0x100010);
    assert_int_equal(abx_kernel_get_info(kernel)->load_high, 0x103000);
    abx_kernel_close(kernel);
    assert_refused(ABX_ERR_FORMAT, "no PVH note", &image, ABX_IMAGE_PVH);
    assert_refused(ABX_ERR_FORMAT, "i386", &image, ABX_IMAGE_LINUX);
    blob_free(&image);
    image_elf wide = multiboot_elf;
    wide.narrow = false;
    wide.machine = EM_X86_64;
    wide.pvh_entry = 0x100020;
    image = image_make_elf(&wide);
    kernel = must_open(&image, NULL);
    assert_int_equal(abx_kernel_get_info(kernel)->kind, ABX_IMAGE_MULTIBOOT);
    abx_kernel_close(kernel);
    blob_free(&image);
}

static blob multiboot_raw(uint32_t flags)
{
    const uint32_t fields[] = {
        0x1badb002, flags, 0u - (0x1badb002 + flags), 0x200000, 0x200000, 0, 0x202000, 0x200040
    };
    blob image = { 0 };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        blob_put_le(&image, 4 * i, 4, fields[i]);
    }
    blob_noise(&image, 64, 1000, 1);
    return image;
}

static void test_multiboot_with_addresses(void **state)
{
    (void)state;
    blob image = multiboot_raw(0x10003);
    abx_kernel *kernel = must_open(&image, NULL);
    assert_int_equal(abx_kernel_get_info(kernel)->kind, ABX_IMAGE_MULTIBOOT);
    assert_int_equal(abx_kernel_get_info(kernel)->entry, 0x200040);
    assert_int_equal(abx_kernel_get_info(kernel)->load_low, 0x200000);
    assert_int_equal(abx_kernel_get_info(kernel)->load_high, 0x202000);
    abx_kernel_close(kernel);
    blob_put_le(&image, 28, 4, 0x202000);
    assert_refused(ABX_ERR_FORMAT, "entry point", &image, ABX_IMAGE_AUTO);
    blob_free(&image);
    image = multiboot_raw(0x3);
    assert_refused(ABX_ERR_FORMAT, "no ELF", &image, ABX_IMAGE_AUTO);
    blob_free(&image);
    image = multiboot_raw(0x10007);
    assert_refused(ABX_ERR_NOT_SUPPORTED, "video", &image, ABX_IMAGE_AUTO);
    blob_free(&image);
    image = multiboot_raw(0x10103);
    assert_refused(ABX_ERR_NOT_SUPPORTED, "flags", &image, ABX_IMAGE_AUTO);
    blob_free(&image);
}

static void test_old_linux_without_notes(void **state)
{
    (void)state;
    image_elf made = image_linux;
    made.linux_note = false;
    made.pvh_entry = 0;
    blob image = image_make_elf(&made);
    abx_kernel *kernel = must_open(&image, NULL);
    assert_int_equal(abx_kernel_get_info(kernel)->kind, ABX_IMAGE_LINUX);
    abx_kernel_close(kernel);
    blob_free(&image);
    made.banner = NULL;
    image = image_make_elf(&made);
    assert_refused(ABX_ERR_FORMAT, "without PVH note", &image, ABX_IMAGE_AUTO);
    kernel = NULL;
    blob_free(&image);
}

static void test_flat(void **state)
{
    (void)state;
    static const struct {
        abx_flat_mode mode;
        abx_gpa address;
        abx_gpa expected;
    } cases[] = {
        { ABX_FLAT_REAL, 0, 0x1000 },        { ABX_FLAT_PROTECTED, 0, 0x100000 }, { ABX_FLAT_LONG, 0, 0x100000 },
        { ABX_FLAT_REAL, 0xfffff, 0xfffff }, { ABX_FLAT_LONG, 0x12345, 0x12345 },
    };
    abx_kernel_options options = OPTIONS_FOR(ABX_ARCH_X86_64);
    blob image = image_make_elf(&image_linux); /* whatever it looks like */
    blob empty = { 0 };
    options.kind = ABX_IMAGE_FLAT;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        options.flat_mode = cases[i].mode;
        options.flat_address = cases[i].address;
        abx_kernel *kernel = must_open(&image, &options);
        assert_int_equal(abx_kernel_get_info(kernel)->kind, ABX_IMAGE_FLAT);
        assert_int_equal(abx_kernel_get_info(kernel)->entry, cases[i].expected);
        assert_int_equal(abx_kernel_get_info(kernel)->load_high, cases[i].expected + image.size);
        abx_kernel_close(kernel);
    }
    abx_kernel *kernel;
    options.flat_mode = ABX_FLAT_REAL;
    options.flat_address = 0x100000;
    assert_failed(ABX_ERR_INVALID, try_open(&image, &options, &kernel));
    options.flat_mode = ABX_FLAT_LONG;
    options.flat_address = 1ull << 32;
    assert_failed(ABX_ERR_INVALID, try_open(&image, &options, &kernel));
    options.flat_address = 0;
    assert_failed_saying(ABX_ERR_FORMAT, "empty", try_open(&empty, &options, &kernel));
    blob_free(&image);
}

static void test_foreign_images(void **state)
{
    (void)state;
    static const struct {
        size_t offset;
        const char *magic;
        const char *name;
    } images[] = {
        { 56, "ARM\x64", "arm64" },
        { 56, "RSC\x05", "riscv" },
        { 36, "\x18\x28\x6f\x01", "for arm" },
        { 4, "zimg", "EFI zboot" },
    };
    for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
        blob image = { 0 };
        blob_resize(&image, 4096);
        blob_put(&image, images[i].offset, images[i].magic, 4);
        assert_refused(ABX_ERR_FORMAT, images[i].name, &image, ABX_IMAGE_AUTO);
        assert_refused(ABX_ERR_FORMAT, images[i].name, &image, ABX_IMAGE_LINUX);
        blob packed = image_pack(&image, PACK_GZIP);
        assert_refused(ABX_ERR_FORMAT, images[i].name, &packed, ABX_IMAGE_AUTO);
        blob_free(&packed);
        blob_free(&image);
    }
    image_elf made = image_linux;
    made.machine = EM_AARCH64;
    blob image = image_make_elf(&made);
    assert_refused(ABX_ERR_FORMAT, "arm64", &image, ABX_IMAGE_AUTO);
    blob payload = image_pack_linux(&image, PACK_ZSTD);
    blob bzimage = image_make_bzimage(&payload);
    assert_refused(ABX_ERR_FORMAT, "arm64", &bzimage, ABX_IMAGE_AUTO);
    blob_free(&bzimage);
    blob_free(&payload);
    blob_free(&image);
}

static void test_nothing_known(void **state)
{
    (void)state;
    blob image = { 0 };
    assert_refused(ABX_ERR_FORMAT, "no known kind", &image, ABX_IMAGE_AUTO);
    blob_put(&image, 0, "#!/bin/sh\n", 10);
    assert_refused(ABX_ERR_FORMAT, "no known kind", &image, ABX_IMAGE_AUTO);
    blob_noise(&image, 0, 100000, 1);
    assert_refused(ABX_ERR_FORMAT, "no known kind", &image, ABX_IMAGE_AUTO);
    memset(image.data, 0, image.size);
    blob_put_le(&image, 8, 4, 0xe85250d6);
    blob_put_le(&image, 16, 4, 16);
    blob_put_le(&image, 20, 4, 0u - (0xe85250d6 + 16));
    assert_refused(ABX_ERR_NOT_SUPPORTED, "Multiboot 2", &image, ABX_IMAGE_AUTO);
    blob_free(&image);
}

static void test_arguments(void **state)
{
    (void)state;
    abx_kernel *kernel;
    abx_kernel_options options = OPTIONS_FOR(ABX_ARCH_X86_64);
    assert_failed(ABX_ERR_INVALID, abx_kernel_open(NULL, "x", NULL));
    assert_failed(ABX_ERR_INVALID, abx_kernel_open(&kernel, NULL, NULL));
    assert_failed_saying(ABX_ERR_NOT_FOUND, "nothing-here",
                         abx_kernel_open(&kernel, scratch_path("nothing-here"), NULL));
    options.size = 4096;
    assert_failed(ABX_ERR_INVALID, abx_kernel_open(&kernel, "x", &options));
    options.size = 0;
    assert_failed(ABX_ERR_INVALID, abx_kernel_open(&kernel, "x", &options));
    options = (abx_kernel_options)OPTIONS_FOR(ABX_ARCH_X86_64);
    options.kind = (abx_image_kind)17;
    assert_failed(ABX_ERR_INVALID, abx_kernel_open(&kernel, "x", &options));
    options.kind = ABX_IMAGE_FLAT;
    options.flat_mode = (abx_flat_mode)3;
    assert_failed(ABX_ERR_INVALID, abx_kernel_open(&kernel, "x", &options));
    options.flat_mode = ABX_FLAT_REAL;
    options.arch = (abx_arch)3;
    assert_failed_saying(ABX_ERR_NOT_SUPPORTED, "not known", abx_kernel_open(&kernel, "x", &options));
    abx_kernel_close(NULL);
    assert_null(abx_kernel_get_info(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vmlinux),
        cmocka_unit_test(test_packed_vmlinux),
        cmocka_unit_test(test_bzimage),
        cmocka_unit_test(test_bzimage_with_a_wrong_size),
        cmocka_unit_test(test_pvh),
        cmocka_unit_test(test_multiboot),
        cmocka_unit_test(test_multiboot_with_addresses),
        cmocka_unit_test(test_old_linux_without_notes),
        cmocka_unit_test(test_flat),
        cmocka_unit_test(test_foreign_images),
        cmocka_unit_test(test_nothing_known),
        cmocka_unit_test(test_arguments),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
