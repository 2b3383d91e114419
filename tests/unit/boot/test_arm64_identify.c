/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Opening kernels for arm64 of every kind, and telling what they are. */
#include "images.h"

#include <elf.h>

static const image_elf program = {
    .machine = EM_AARCH64,
    .entry = 0x40080000,
    .segments = { { .paddr = 0x40080000, .vaddr = 0x40080000, .file_length = 0x2000, .memory_length = 0x3000 } },
};

static abx_status try_open(const blob *image, abx_image_kind kind, const char *cache, abx_kernel **kernel)
{
    abx_kernel_options options = OPTIONS_FOR(ABX_ARCH_ARM64);
    options.kind = kind;
    options.cache = cache;
    return abx_kernel_open(kernel, scratch_write("kernel", image), &options);
}

static void assert_opens(const blob *image, abx_image_kind kind, const abx_kernel_info *expected)
{
    abx_kernel *kernel;
    assert_ok(try_open(image, kind, "", &kernel));
    const abx_kernel_info *info = abx_kernel_get_info(kernel);
    assert_int_equal(info->kind, expected->kind);
    assert_int_equal(info->arch, ABX_ARCH_ARM64);
    assert_int_equal(info->entry, expected->entry);
    assert_int_equal(info->load_low, expected->load_low);
    assert_int_equal(info->load_high, expected->load_high);
    assert_string_equal(info->compression, expected->compression);
    assert_string_equal(info->version, expected->version);
    abx_kernel_close(kernel);
}

static void assert_refused(abx_status expected, const char *text, const blob *image, abx_image_kind kind)
{
    abx_kernel *kernel = NULL;
    size_t descriptors = open_descriptors();
    assert_failed_saying(expected, text, try_open(image, kind, "", &kernel));
    assert_null(kernel);
    assert_int_equal(open_descriptors(), descriptors);
}

static void test_image(void **state)
{
    (void)state;
    abx_kernel_info expected = { .kind = ABX_IMAGE_LINUX,
                                 .entry = 0x40000000,
                                 .load_low = 0x40000000,
                                 .load_high = 0x40200000,
                                 .compression = "none" };
    image_arm64 made = image_arm64_linux;
    blob image = image_make_arm64(&made);
    assert_opens(&image, ABX_IMAGE_AUTO, &expected);
    assert_opens(&image, ABX_IMAGE_LINUX, &expected);
    blob_free(&image);
    made.text_offset = 0x80000;
    image = image_make_arm64(&made);
    expected.entry = expected.load_low = 0x40080000;
    expected.load_high = 0x40280000;
    assert_opens(&image, ABX_IMAGE_AUTO, &expected);
    blob_free(&image);
}

static void test_packed_image(void **state)
{
    (void)state;
    blob image = image_make_arm64(&image_arm64_linux);
    for (unsigned packing = 0; packing < PACK_COUNT; packing++) {
        blob packed = image_pack(&image, packing);
        const abx_kernel_info expected = { .kind = ABX_IMAGE_LINUX,
                                           .entry = 0x40000000,
                                           .load_low = 0x40000000,
                                           .load_high = 0x40200000,
                                           .compression = image_packing_names[packing],
                                           .version = "6.1.0-arm64 (builder@host) #1 SMP" };
        assert_opens(&packed, ABX_IMAGE_AUTO, &expected);
        blob_free(&packed);
    }
    blob_free(&image);
}

static void test_zboot_and_the_cache(void **state)
{
    (void)state;
    blob image = image_make_arm64(&image_arm64_linux);
    for (unsigned packing = 0; packing < PACK_COUNT; packing++) {
        blob payload = image_pack_linux(&image, packing);
        blob zboot = image_make_zboot(&payload, image_packing_names[packing], packing != PACK_GZIP);
        for (int round = 0; round < 2; round++) {
            abx_kernel *kernel;
            assert_ok(try_open(&zboot, ABX_IMAGE_AUTO, scratch_path("kernels"), &kernel));
            const abx_kernel_info *info = abx_kernel_get_info(kernel);
            assert_int_equal(info->kind, ABX_IMAGE_LINUX);
            assert_int_equal(info->load_high, 0x40200000);
            assert_string_equal(info->compression, image_packing_names[packing]);
            assert_string_equal(info->version, "6.1.0-arm64 (builder@host) #1 SMP");
            assert_int_equal(info->from_cache, round == 1);
            abx_kernel_close(kernel);
        }
        blob_free(&zboot);
        blob_free(&payload);
    }
    blob_free(&image);
}

static void test_zboot_with_a_wrong_size(void **state)
{
    (void)state;
    blob image = image_make_arm64(&image_arm64_linux);
    blob payload = image_pack_linux(&image, PACK_ZSTD);
    blob_put_le(&payload, payload.size - 4, 4, image.size + 1);
    blob zboot = image_make_zboot(&payload, "zstd22", true);
    assert_refused(ABX_ERR_FORMAT, "instead of", &zboot, ABX_IMAGE_AUTO);
    blob_free(&zboot);
    blob_free(&payload);
    blob_free(&image);
}

/* riscv has the same wrapper. */
static void test_zboot_of_another_architecture(void **state)
{
    (void)state;
    blob image = { 0 };
    blob_noise(&image, 0, 0x10000, 4);
    blob_put(&image, 56, "RSC\x05", 4);
    blob payload = image_pack_linux(&image, PACK_GZIP);
    blob zboot = image_make_zboot(&payload, "gzip", false);
    assert_refused(ABX_ERR_FORMAT, "riscv", &zboot, ABX_IMAGE_AUTO);
    blob_free(&zboot);
    blob_free(&payload);
    blob_free(&image);
}

static void test_elf(void **state)
{
    (void)state;
    const abx_kernel_info expected = { .kind = ABX_IMAGE_ELF,
                                       .entry = 0x40080000,
                                       .load_low = 0x40080000,
                                       .load_high = 0x40083000,
                                       .compression = "none" };
    image_elf made = program;
    blob image = image_make_elf(&made);
    assert_opens(&image, ABX_IMAGE_AUTO, &expected);
    assert_opens(&image, ABX_IMAGE_ELF, &expected);
    blob_free(&image);

    made.entry = 0x40083000;
    image = image_make_elf(&made);
    assert_refused(ABX_ERR_FORMAT, "entry point", &image, ABX_IMAGE_AUTO);
    blob_free(&image);
    made.entry = 0x40080002;
    image = image_make_elf(&made);
    assert_refused(ABX_ERR_FORMAT, "entry point", &image, ABX_IMAGE_AUTO);
    blob_free(&image);
}

static void test_vmlinux_has_no_physical_addresses(void **state)
{
    (void)state;
    image_elf made = program;
    made.linux_note = true;
    made.entry = made.segments[0].paddr = made.segments[0].vaddr = 0xffff800008000000;
    blob image = image_make_elf(&made);
    assert_refused(ABX_ERR_FORMAT, "Image", &image, ABX_IMAGE_AUTO);
    blob_free(&image);
}

static void test_flat(void **state)
{
    (void)state;
    abx_kernel *kernel;
    abx_kernel_options options = OPTIONS_FOR(ABX_ARCH_ARM64);
    blob image = { 0 };
    blob_noise(&image, 0, 4000, 1);
    const char *path = scratch_write("flat", &image);
    options.kind = ABX_IMAGE_FLAT;
    assert_ok(abx_kernel_open(&kernel, path, &options));
    assert_int_equal(abx_kernel_get_info(kernel)->entry, 0x40000000);
    assert_int_equal(abx_kernel_get_info(kernel)->load_high, 0x40000000 + 4000);
    abx_kernel_close(kernel);
    options.flat_address = 0x123456789abc;
    assert_ok(abx_kernel_open(&kernel, path, &options));
    assert_int_equal(abx_kernel_get_info(kernel)->entry, 0x123456789abc);
    abx_kernel_close(kernel);
    options.flat_address = 0x40000002;
    assert_failed_saying(ABX_ERR_INVALID, "multiple of 4", abx_kernel_open(&kernel, path, &options));
    options.flat_address = UINT64_MAX - 3;
    assert_failed(ABX_ERR_FORMAT, abx_kernel_open(&kernel, path, &options));
    options.flat_address = 0;
    options.flat_mode = ABX_FLAT_LONG;
    assert_failed_saying(ABX_ERR_INVALID, "EL1", abx_kernel_open(&kernel, path, &options));
    blob_free(&image);
}

static void test_kernels_of_other_architectures(void **state)
{
    (void)state;
    blob vmlinux = image_make_elf(&image_linux);
    blob payload = image_pack_linux(&vmlinux, PACK_GZIP);
    blob bzimage = image_make_bzimage(&payload);
    assert_refused(ABX_ERR_FORMAT, "x86_64", &vmlinux, ABX_IMAGE_AUTO);
    assert_refused(ABX_ERR_FORMAT, "x86_64", &bzimage, ABX_IMAGE_AUTO);
    assert_refused(ABX_ERR_FORMAT, "x86_64", &payload, ABX_IMAGE_LINUX);
    vmlinux.data[EI_DATA] = ELFDATA2MSB;
    vmlinux.data[18] = 0;
    vmlinux.data[19] = EM_AARCH64;
    assert_refused(ABX_ERR_FORMAT, "big-endian arm64", &vmlinux, ABX_IMAGE_AUTO);
    vmlinux.data[EI_DATA] = ELFDATA2LSB;
    vmlinux.data[EI_CLASS] = ELFCLASS32;
    vmlinux.data[18] = EM_AARCH64;
    vmlinux.data[19] = 0;
    assert_refused(ABX_ERR_FORMAT, "32 bits", &vmlinux, ABX_IMAGE_AUTO);
    blob_free(&bzimage);
    blob_free(&payload);
    blob_free(&vmlinux);
}

static void test_kinds_that_it_is_not(void **state)
{
    (void)state;
    blob image = image_make_arm64(&image_arm64_linux);
    blob elf = image_make_elf(&program);
    blob noise = { 0 };
    blob_noise(&noise, 0, 100000, 1);
    assert_refused(ABX_ERR_FORMAT, "no ELF", &image, ABX_IMAGE_ELF);
    assert_refused(ABX_ERR_FORMAT, "no Image", &elf, ABX_IMAGE_LINUX);
    assert_refused(ABX_ERR_FORMAT, "no known kind", &noise, ABX_IMAGE_AUTO);
    assert_refused(ABX_ERR_NOT_SUPPORTED, "x86_64", &elf, ABX_IMAGE_PVH);
    assert_refused(ABX_ERR_NOT_SUPPORTED, "x86_64", &image, ABX_IMAGE_MULTIBOOT);
    blob_resize(&noise, 0);
    assert_refused(ABX_ERR_FORMAT, "no known kind", &noise, ABX_IMAGE_AUTO);
    blob_free(&noise);
    blob_free(&elf);
    blob_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_image),
        cmocka_unit_test(test_packed_image),
        cmocka_unit_test(test_zboot_and_the_cache),
        cmocka_unit_test(test_zboot_with_a_wrong_size),
        cmocka_unit_test(test_zboot_of_another_architecture),
        cmocka_unit_test(test_elf),
        cmocka_unit_test(test_vmlinux_has_no_physical_addresses),
        cmocka_unit_test(test_flat),
        cmocka_unit_test(test_kernels_of_other_architectures),
        cmocka_unit_test(test_kinds_that_it_is_not),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
