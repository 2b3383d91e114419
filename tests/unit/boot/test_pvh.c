/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "loading.h"

enum { INFO = 0x2000, MEMORY = 64 << 20 };

static const abx_kernel_options as_pvh = { .size = sizeof(as_pvh), .kind = ABX_IMAGE_PVH, .arch = ABX_ARCH_X86_64 };

static void test_boots(void **state)
{
    (void)state;
    blob image = image_make_elf(&image_linux);
    blob initrd = { 0 };
    abx_vm *vm = fake_vm(MEMORY);
    abx_boot_params params = ABX_BOOT_PARAMS_INIT;
    abx_boot_entry entry;
    blob_noise(&initrd, 0, 10000, 9);
    params.cmdline = "hello";
    params.initrd = scratch_write("initrd", &initrd);
    params.acpi_rsdp = 0xe0000;
    assert_ok(abx_memory_fill(vm, 0, 0xa5, MEMORY));
    assert_ok(load_image(vm, &image, &as_pvh, &params, &entry));
    assert_segments(vm, &image_linux, &image);

    assert_int_equal(entry.kind, ABX_IMAGE_PVH);
    assert_int_equal(entry.mode, ABX_FLAT_PROTECTED);
    assert_int_equal(entry.entry, 0x1000080);
    assert_int_equal(entry.info, INFO);
    assert_int_equal(entry.page_tables, 0);
    assert_gdt(vm, entry.gdt, false);

    assert_int_equal(guest_le(vm, INFO, 4), 0x336ec578);
    assert_int_equal(guest_le(vm, INFO + 4, 4), 1);
    assert_int_equal(guest_le(vm, INFO + 8, 4), 0);
    assert_int_equal(guest_le(vm, INFO + 12, 4), 1);
    abx_gpa module = guest_le(vm, INFO + 16, 8);
    abx_gpa cmdline = guest_le(vm, INFO + 24, 8);
    assert_int_equal(guest_le(vm, INFO + 32, 8), 0xe0000);
    abx_gpa map = guest_le(vm, INFO + 40, 8);
    assert_int_equal(guest_le(vm, INFO + 48, 4), 3);
    assert_int_equal(guest_le(vm, INFO + 52, 4), 0);

    assert_guest(vm, cmdline, "hello", 6);
    assert_int_equal(guest_le(vm, module, 8), MEMORY - 0x3000);
    assert_int_equal(guest_le(vm, module + 8, 8), initrd.size);
    assert_guest_zero(vm, module + 16, 16);
    assert_guest(vm, MEMORY - 0x3000, initrd.data, initrd.size);
    assert_int_equal(guest_le(vm, map + 24, 8), 0x9fc00);
    assert_int_equal(guest_le(vm, map + 32, 8), 0x60400);
    assert_int_equal(guest_le(vm, map + 40, 8), 2);
    assert_int_equal(guest_le(vm, map + 48, 8), 0x100000);
    assert_int_equal(guest_le(vm, map + 56, 8), MEMORY - 0x100000);
    assert_int_equal(guest_le(vm, map + 64, 8), 1);
    fake_vm_end(vm);
    blob_free(&initrd);
    blob_free(&image);
}

static void test_without_anything(void **state)
{
    (void)state;
    blob image = image_make_elf(&image_linux);
    abx_vm *vm = fake_vm(MEMORY);
    abx_boot_entry entry;
    assert_ok(load_image(vm, &image, &as_pvh, NULL, &entry));
    assert_int_equal(guest_le(vm, INFO + 12, 4), 0);
    assert_int_equal(guest_le(vm, INFO + 16, 8), 0);
    assert_int_equal(guest_le(vm, guest_le(vm, INFO + 24, 8), 1), 0);
    fake_vm_end(vm);
    blob_free(&image);
}

static void test_long_command_line(void **state)
{
    (void)state;
    blob image = image_make_elf(&image_linux);
    abx_vm *vm = fake_vm(MEMORY);
    abx_boot_params params = ABX_BOOT_PARAMS_INIT;
    abx_boot_entry entry;
    char *cmdline = malloc(65537);
    assert_non_null(cmdline);
    memset(cmdline, 'a', 65537);
    cmdline[65535] = '\0';
    params.cmdline = cmdline;
    assert_ok(load_image(vm, &image, &as_pvh, &params, &entry));
    cmdline[65535] = 'a';
    cmdline[65536] = '\0';
    assert_failed(ABX_ERR_FORMAT, load_image(vm, &image, &as_pvh, &params, &entry));
    free(cmdline);
    fake_vm_end(vm);
    blob_free(&image);
}

static void test_refuses_modules(void **state)
{
    (void)state;
    const char *const modules[] = { "module" };
    blob image = image_make_elf(&image_linux);
    abx_vm *vm = fake_vm(MEMORY);
    abx_boot_params params = ABX_BOOT_PARAMS_INIT;
    abx_boot_entry entry;
    params.modules = modules;
    params.module_count = 1;
    assert_failed(ABX_ERR_NOT_SUPPORTED, load_image(vm, &image, &as_pvh, &params, &entry));
    fake_vm_end(vm);
    blob_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boots),
        cmocka_unit_test(test_without_anything),
        cmocka_unit_test(test_long_command_line),
        cmocka_unit_test(test_refuses_modules),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
