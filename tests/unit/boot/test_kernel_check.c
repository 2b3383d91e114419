/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is refused before somebody else loads it, and what is not. */
#include "images.h"

#include "boot/kernel_check.h"

#include <elf.h>

static abx_status check(const blob *image, abx_arch arch)
{
    size_t descriptors = open_descriptors();
    abx_status status = abx_kernel_check(scratch_write("kernel", image), arch);
    assert_int_equal(open_descriptors(), descriptors);
    return status;
}

static void test_whole_kernels_pass(void **state)
{
    (void)state;
    blob plain = image_make_elf(&image_linux);
    blob packed = image_pack_linux(&plain, PACK_GZIP);
    blob bzimage = image_make_bzimage(&packed);
    assert_ok(check(&bzimage, ABX_ARCH_X86_64));
    assert_ok(check(&plain, ABX_ARCH_X86_64));
    blob_free(&packed);
    blob_free(&bzimage);
    blob_free(&plain);

    blob arm64 = image_make_arm64(&image_arm64_linux);
    packed = image_pack_linux(&arm64, PACK_GZIP);
    blob zboot = image_make_zboot(&packed, "gzip", false);
    assert_ok(check(&arm64, ABX_ARCH_ARM64));
    assert_ok(check(&packed, ABX_ARCH_ARM64));
    assert_ok(check(&zboot, ABX_ARCH_ARM64));
    blob_free(&packed);
    blob_free(&zboot);
    blob_free(&arm64);
}

static void test_truncated_ones_do_not(void **state)
{
    (void)state;
    blob plain = image_make_elf(&image_linux);
    blob packed = image_pack_linux(&plain, PACK_GZIP);
    blob bzimage = image_make_bzimage(&packed);
    blob_resize(&bzimage, bzimage.size - packed.size / 2);
    assert_failed_saying(ABX_ERR_FORMAT, "truncated", check(&bzimage, ABX_ARCH_X86_64));
    blob zboot = image_make_zboot(&packed, "gzip", false);
    blob_resize(&zboot, zboot.size - packed.size / 2);
    assert_failed_saying(ABX_ERR_FORMAT, "truncated", check(&zboot, ABX_ARCH_ARM64));
    blob_free(&zboot);
    blob_free(&bzimage);
    blob_free(&packed);
    blob_free(&plain);
}

static void test_other_architectures_are_named(void **state)
{
    (void)state;
    blob x86 = image_make_elf(&image_linux);
    blob arm64 = image_make_arm64(&image_arm64_linux);
    assert_failed_saying(ABX_ERR_FORMAT, "x86_64", check(&x86, ABX_ARCH_ARM64));
    assert_failed_saying(ABX_ERR_FORMAT, "arm64", check(&arm64, ABX_ARCH_X86_64));
    blob_free(&arm64);
    blob_free(&x86);
}

/* Loaders know more kinds than we do, and say themselves what they cannot read. */
static void test_what_is_not_known_is_left_to_the_loader(void **state)
{
    (void)state;
    blob noise = { 0 };
    blob_noise(&noise, 0, 5000, 7);
    assert_ok(check(&noise, ABX_ARCH_X86_64));
    assert_ok(check(&noise, ABX_ARCH_ARM64));
    blob_resize(&noise, 0);
    assert_ok(check(&noise, ABX_ARCH_ARM64));
    blob_free(&noise);
    assert_ok(abx_kernel_check(scratch_path("nothing"), ABX_ARCH_X86_64));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_kernels_pass),
        cmocka_unit_test(test_truncated_ones_do_not),
        cmocka_unit_test(test_other_architectures_are_named),
        cmocka_unit_test(test_what_is_not_known_is_left_to_the_loader),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
