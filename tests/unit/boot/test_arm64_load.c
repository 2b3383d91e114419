/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "device_trees.h"
#include "loading.h"

#include <elf.h>
#include <unistd.h>

enum { RAM = 0x40000000, MEMORY = 64 << 20 };

static const abx_kernel_options arm64 = OPTIONS_FOR(ABX_ARCH_ARM64);

static const image_elf program = {
    .machine = EM_AARCH64,
    .entry = RAM + 0x80040,
    .segments = { { .paddr = RAM + 0x80000, .vaddr = RAM + 0x80000, .file_length = 0x2000, .memory_length = 0x9000 } },
};

static blob tree_in_guest(abx_vm *vm, abx_gpa gpa)
{
    blob tree = { 0 };
    assert_int_equal(gpa % 8, 0);
    blob_resize(&tree, (size_t)__builtin_bswap32((uint32_t)guest_le(vm, gpa + 4, 4)));
    assert_ok(abx_memory_read(vm, gpa, tree.data, tree.size));
    assert_int_equal(fdt_check_full(tree.data, tree.size), 0);
    return tree;
}

static abx_boot_params params_with(const blob *tree)
{
    abx_boot_params params = ABX_BOOT_PARAMS_INIT;
    params.device_tree = tree->data;
    params.device_tree_size = tree->size;
    return params;
}

static void assert_initrd(abx_vm *vm, const blob *tree, const blob *initrd, abx_gpa expected)
{
    uint64_t start, end;
    memcpy(&start, device_tree_property(tree, "/chosen", "linux,initrd-start", 8), 8);
    memcpy(&end, device_tree_property(tree, "/chosen", "linux,initrd-end", 8), 8);
    assert_int_equal(__builtin_bswap64(start), expected);
    assert_int_equal(__builtin_bswap64(end), expected + initrd->size);
    assert_guest(vm, expected, initrd->data, initrd->size);
}

static void test_linux(void **state)
{
    (void)state;
    blob image = image_make_arm64(&image_arm64_linux);
    blob packed = image_pack(&image, PACK_ZSTD);
    blob given = device_tree_make();
    blob initrd = { 0 };
    blob_noise(&initrd, 0, 10000, 9);
    abx_vm *vm = fake_vm_for(ABX_ARCH_ARM64, MEMORY);
    abx_boot_params params = params_with(&given);
    abx_boot_entry entry;
    params.cmdline = "console=ttyAMA0 quiet";
    params.initrd = scratch_write("initrd", &initrd);
    assert_ok(abx_memory_fill(vm, RAM, 0xa5, MEMORY)); /* nothing may depend on fresh memory */
    assert_ok(load_image(vm, &packed, &arm64, &params, &entry));

    assert_int_equal(entry.kind, ABX_IMAGE_LINUX);
    assert_int_equal(entry.arch, ABX_ARCH_ARM64);
    assert_int_equal(entry.entry, RAM);
    assert_guest(vm, RAM, image.data, image.size);
    assert_guest_zero(vm, RAM + image.size, 0x200000 - image.size);
    blob tree = tree_in_guest(vm, entry.info);
    assert_true(entry.info >= RAM + 0x200000 && entry.info + tree.size <= RAM + MEMORY);
    assert_string_equal(device_tree_property(&tree, "/chosen", "bootargs", 22), params.cmdline);
    assert_memory_equal(device_tree_property(&tree, "/memory@40000000", "reg", 16),
                        "\0\0\0\0\x40\0\0\0\0\0\0\0\x04\0\0\0", 16);
    assert_initrd(vm, &tree, &initrd, (entry.info - initrd.size) & ~0xfffull);
    fake_vm_end(vm);
    blob_free(&tree);
    blob_free(&initrd);
    blob_free(&given);
    blob_free(&packed);
    blob_free(&image);
}

/* The tree within 512 MiB, the initrd within 32 GiB of where RAM begins, the rest wherever. */
static void test_much_memory(void **state)
{
    (void)state;
    blob image = image_make_arm64(&image_arm64_linux);
    blob given = device_tree_make();
    blob initrd = { 0 };
    blob_noise(&initrd, 0, 5000, 9);
    abx_vm *vm = fake_vm_for(ABX_ARCH_ARM64, 0);
    fake_add(vm, RAM, 1 << 30, 0);
    fake_add(vm, (33ull << 30) - 0x4000, 0x8000, 0);
    abx_boot_params params = params_with(&given);
    abx_boot_entry entry;
    params.initrd = scratch_write("initrd", &initrd);
    assert_ok(load_image(vm, &image, &arm64, &params, &entry));
    assert_true(entry.info < RAM + (512 << 20));
    blob tree = tree_in_guest(vm, entry.info);
    assert_initrd(vm, &tree, &initrd, (33ull << 30) - 0x2000);
    device_tree_property(&tree, "/memory@40000000", "reg", 32);
    fake_vm_end(vm);
    blob_free(&tree);
    blob_free(&initrd);
    blob_free(&given);
    blob_free(&image);
}

static void test_little_memory(void **state)
{
    (void)state;
    blob image = image_make_arm64(&image_arm64_linux);
    blob given = device_tree_make();
    abx_boot_params params = params_with(&given);
    abx_boot_entry entry = { .entry = 77 };
    static const uint64_t sizes[] = { 0x1000, 0x1ff000, 0x200000 };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        abx_vm *vm = fake_vm_for(ABX_ARCH_ARM64, sizes[i]);
        assert_failed_saying(ABX_ERR_RANGE, "Give the guest more memory",
                             load_image(vm, &image, &arm64, &params, &entry));
        assert_int_equal(entry.entry, 77);
        fake_vm_end(vm);
    }
    abx_vm *vm = fake_vm_for(ABX_ARCH_ARM64, 0x201000); /* exactly enough */
    assert_ok(load_image(vm, &image, &arm64, &params, &entry));
    assert_int_equal(entry.info, RAM + 0x200000);
    blob initrd = { 0 };
    blob_noise(&initrd, 0, 1, 1);
    params.initrd = scratch_write("initrd", &initrd);
    assert_failed_saying(ABX_ERR_RANGE, "initrd", load_image(vm, &image, &arm64, &params, &entry));
    fake_vm_end(vm);
    blob_free(&initrd);
    blob_free(&given);
    blob_free(&image);
}

static void test_memory_elsewhere(void **state)
{
    (void)state;
    blob image = image_make_arm64(&image_arm64_linux);
    blob given = device_tree_make();
    abx_boot_params params = params_with(&given);
    abx_boot_entry entry;
    abx_vm *vm = fake_vm_for(ABX_ARCH_ARM64, 0);
    assert_failed(ABX_ERR_RANGE, load_image(vm, &image, &arm64, &params, &entry));
    fake_add(vm, 0, 64 << 20, 0);
    fake_add(vm, RAM, 64 << 20, ABX_MEMORY_READ_ONLY);
    assert_failed(ABX_ERR_RANGE, load_image(vm, &image, &arm64, &params, &entry));
    fake_vm_end(vm);
    blob_free(&given);
    blob_free(&image);
}

static void test_elf(void **state)
{
    (void)state;
    blob image = image_make_elf(&program);
    blob given = device_tree_make();
    abx_vm *vm = fake_vm_for(ABX_ARCH_ARM64, MEMORY);
    abx_boot_params params = params_with(&given);
    abx_boot_entry entry;
    params.cmdline = "arguments";
    assert_ok(load_image(vm, &image, &arm64, &params, &entry));
    assert_segments(vm, &program, &image);
    assert_int_equal(entry.kind, ABX_IMAGE_ELF);
    assert_int_equal(entry.entry, RAM + 0x80040);
    blob tree = tree_in_guest(vm, entry.info);
    assert_string_equal(device_tree_property(&tree, "/chosen", "bootargs", 10), "arguments");
    blob_free(&tree);

    /* Without a tree it can be told nothing. */
    params = (abx_boot_params)ABX_BOOT_PARAMS_INIT;
    assert_ok(load_image(vm, &image, &arm64, &params, &entry));
    assert_int_equal(entry.info, 0);
    params.cmdline = "arguments";
    assert_failed_saying(ABX_ERR_NOT_SUPPORTED, "command line", load_image(vm, &image, &arm64, &params, &entry));
    params.cmdline = NULL;
    params.initrd = "initrd";
    assert_failed_saying(ABX_ERR_NOT_SUPPORTED, "initrd", load_image(vm, &image, &arm64, &params, &entry));
    fake_vm_end(vm);
    blob_free(&given);
    blob_free(&image);
}

static void test_flat(void **state)
{
    (void)state;
    abx_kernel_options options = arm64;
    options.kind = ABX_IMAGE_FLAT;
    blob image = { 0 };
    blob_noise(&image, 0, 5000, 5);
    abx_vm *vm = fake_vm_for(ABX_ARCH_ARM64, 1 << 20);
    abx_boot_entry entry;
    assert_ok(load_image(vm, &image, &options, NULL, &entry));
    assert_int_equal(entry.kind, ABX_IMAGE_FLAT);
    assert_int_equal(entry.entry, RAM);
    assert_int_equal(entry.info, 0);
    assert_guest(vm, RAM, image.data, image.size);
    assert_guest_zero(vm, RAM + image.size, (1 << 20) - image.size);
    blob given = device_tree_make();
    const abx_boot_params params = params_with(&given);
    assert_failed_saying(ABX_ERR_NOT_SUPPORTED, "device tree", load_image(vm, &image, &options, &params, &entry));
    options.flat_address = RAM + (1 << 20) - 4996;
    assert_failed(ABX_ERR_RANGE, load_image(vm, &image, &options, NULL, &entry));
    fake_vm_end(vm);
    blob_free(&given);
    blob_free(&image);
}

static void test_what_it_has_no_use_for(void **state)
{
    (void)state;
    static const char *const modules[] = { "module" };
    blob image = image_make_arm64(&image_arm64_linux);
    blob given = device_tree_make();
    abx_vm *vm = fake_vm_for(ABX_ARCH_ARM64, MEMORY);
    abx_boot_params params = params_with(&given);
    abx_boot_entry entry;
    params.modules = modules;
    params.module_count = 1;
    assert_failed_saying(ABX_ERR_NOT_SUPPORTED, "modules", load_image(vm, &image, &arm64, &params, &entry));
    params = params_with(&given);
    params.acpi_rsdp = 0xe0000;
    assert_failed_saying(ABX_ERR_NOT_SUPPORTED, "ACPI", load_image(vm, &image, &arm64, &params, &entry));
    assert_failed_saying(ABX_ERR_INVALID, "device tree", load_image(vm, &image, &arm64, NULL, &entry));
    params = params_with(&given);
    params.device_tree = NULL;
    assert_failed(ABX_ERR_INVALID, load_image(vm, &image, &arm64, &params, &entry));
    params.device_tree = "no tree";
    params.device_tree_size = 8;
    assert_failed(ABX_ERR_FORMAT, load_image(vm, &image, &arm64, &params, &entry));
    params.device_tree_size = 0;
    assert_failed(ABX_ERR_FORMAT, load_image(vm, &image, &arm64, &params, &entry));
    params.device_tree_size = (2 << 20) - 100;
    assert_failed_saying(ABX_ERR_LIMIT, "2 MiB", load_image(vm, &image, &arm64, &params, &entry));
    params.device_tree_size = SIZE_MAX;
    assert_failed_saying(ABX_ERR_LIMIT, "2 MiB", load_image(vm, &image, &arm64, &params, &entry));
    fake_vm_end(vm);
    blob_free(&given);
    blob_free(&image);
}

static void test_the_other_architecture(void **state)
{
    (void)state;
    blob image = image_make_arm64(&image_arm64_linux);
    blob vmlinux = image_make_elf(&image_linux);
    blob given = device_tree_make();
    abx_boot_entry entry;
    abx_vm *vm = fake_vm(MEMORY);
    assert_failed_saying(ABX_ERR_INVALID, "arm64 in a VM for x86_64", load_image(vm, &image, &arm64, NULL, &entry));
    const abx_boot_params params = params_with(&given);
    assert_failed_saying(ABX_ERR_NOT_SUPPORTED, "device tree", load_image(vm, &vmlinux, NULL, &params, &entry));
    fake_vm_end(vm);
    vm = fake_vm_for(ABX_ARCH_ARM64, MEMORY);
    assert_failed_saying(ABX_ERR_INVALID, "x86_64 in a VM for arm64", load_image(vm, &vmlinux, NULL, NULL, &entry));
    fake_vm_end(vm);
    blob_free(&given);
    blob_free(&vmlinux);
    blob_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linux),
        cmocka_unit_test(test_much_memory),
        cmocka_unit_test(test_little_memory),
        cmocka_unit_test(test_memory_elsewhere),
        cmocka_unit_test(test_elf),
        cmocka_unit_test(test_flat),
        cmocka_unit_test(test_what_it_has_no_use_for),
        cmocka_unit_test(test_the_other_architecture),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
