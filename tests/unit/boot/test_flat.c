/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "loading.h"

static abx_kernel_options flat(abx_flat_mode mode, abx_gpa address)
{
    abx_kernel_options options = OPTIONS_FOR(ABX_ARCH_X86_64);
    options.kind = ABX_IMAGE_FLAT;
    options.flat_mode = mode;
    options.flat_address = address;
    return options;
}

static blob sample(size_t size)
{
    blob image = { 0 };
    blob_noise(&image, 0, size, 5);
    return image;
}

static void test_real_mode_touches_nothing_else(void **state)
{
    (void)state;
    abx_kernel_options options = flat(ABX_FLAT_REAL, 0);
    blob image = sample(5000);
    abx_vm *vm = fake_vm(0x100000);
    abx_boot_entry entry;
    assert_ok(load_image(vm, &image, &options, NULL, &entry));
    assert_int_equal(entry.kind, ABX_IMAGE_FLAT);
    assert_int_equal(entry.mode, ABX_FLAT_REAL);
    assert_int_equal(entry.entry, 0x1000);
    assert_int_equal(entry.info, 0);
    assert_int_equal(entry.gdt, 0);
    assert_int_equal(entry.page_tables, 0);
    assert_int_equal(entry.stack, 0);
    assert_guest(vm, 0x1000, image.data, image.size);
    assert_guest_zero(vm, 0, 0x1000);
    assert_guest_zero(vm, 0x1000 + image.size, 0x100000 - 0x1000 - image.size);
    fake_vm_end(vm);
    blob_free(&image);
}

static void test_protected(void **state)
{
    (void)state;
    abx_kernel_options options = flat(ABX_FLAT_PROTECTED, 0);
    blob image = sample(70000);
    abx_vm *vm = fake_vm(2 << 20);
    abx_boot_entry entry;
    assert_ok(load_image(vm, &image, &options, NULL, &entry));
    assert_int_equal(entry.mode, ABX_FLAT_PROTECTED);
    assert_int_equal(entry.entry, 0x100000);
    assert_gdt(vm, entry.gdt, false);
    assert_guest(vm, 0x100000, image.data, image.size);
    assert_guest_zero(vm, 0x2000, 0xfe000);
    fake_vm_end(vm);
    blob_free(&image);
}

static void test_long(void **state)
{
    (void)state;
    abx_kernel_options options = flat(ABX_FLAT_LONG, 0x10000);
    blob image = sample(4096);
    abx_vm *vm = fake_vm(0x11000); /* exactly enough */
    abx_boot_entry entry;
    assert_ok(load_image(vm, &image, &options, NULL, &entry));
    assert_int_equal(entry.mode, ABX_FLAT_LONG);
    assert_int_equal(entry.entry, 0x10000);
    assert_int_equal(entry.stack, 0x10000);
    assert_gdt(vm, entry.gdt, true);
    assert_identity(vm, entry.page_tables);
    assert_guest(vm, 0x10000, image.data, image.size);
    fake_vm_end(vm);
    blob_free(&image);
}

static void test_collisions(void **state)
{
    (void)state;
    static const struct {
        abx_flat_mode mode;
        abx_gpa address;
        bool fits;
    } cases[] = {
        { ABX_FLAT_REAL, 0x6000, true },       { ABX_FLAT_PROTECTED, 0x6000, true },
        { ABX_FLAT_PROTECTED, 0x1000, false }, { ABX_FLAT_PROTECTED, 0x1800, false },
        { ABX_FLAT_LONG, 0x1000, false },      { ABX_FLAT_LONG, 0x5800, false },
        { ABX_FLAT_LONG, 0xf000, false },      { ABX_FLAT_LONG, 0x10000, true },
        { ABX_FLAT_LONG, 0x2000, true },
    };
    blob image = sample(0x1000);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        abx_kernel_options options = flat(cases[i].mode, cases[i].address);
        abx_vm *vm = fake_vm(0x100000);
        abx_boot_entry entry;
        if (cases[i].fits) {
            assert_ok(load_image(vm, &image, &options, NULL, &entry));
            assert_guest(vm, cases[i].address, image.data, image.size);
        } else {
            assert_failed_saying(ABX_ERR_RANGE, "elsewhere", load_image(vm, &image, &options, NULL, &entry));
        }
        fake_vm_end(vm);
    }
    blob_free(&image);
}

static void test_no_memory_for_it(void **state)
{
    (void)state;
    abx_kernel_options options = flat(ABX_FLAT_REAL, 0);
    blob image = sample(0x1001);
    abx_vm *vm = fake_vm(0x2000);
    abx_boot_entry entry;
    assert_failed(ABX_ERR_RANGE, load_image(vm, &image, &options, NULL, &entry));
    fake_vm_end(vm);
    options = flat(ABX_FLAT_LONG, 0x10000);
    vm = fake_vm(0);
    fake_add(vm, 0x10000, 0x10000, 0); /* none for the page tables */
    assert_failed(ABX_ERR_RANGE, load_image(vm, &image, &options, NULL, &entry));
    fake_vm_end(vm);
    blob_free(&image);
}

static void test_takes_nothing_beside_it(void **state)
{
    (void)state;
    abx_kernel_options options = flat(ABX_FLAT_REAL, 0);
    blob image = sample(10);
    abx_vm *vm = fake_vm(0x100000);
    abx_boot_params params = ABX_BOOT_PARAMS_INIT;
    abx_boot_entry entry;
    const char *const modules[] = { "module" };
    params.cmdline = "";
    assert_ok(load_image(vm, &image, &options, &params, &entry));
    params.cmdline = "quiet";
    assert_failed_saying(ABX_ERR_NOT_SUPPORTED, "command line", load_image(vm, &image, &options, &params, &entry));
    params.cmdline = NULL;
    params.initrd = "x";
    assert_failed_saying(ABX_ERR_NOT_SUPPORTED, "initrd", load_image(vm, &image, &options, &params, &entry));
    params.initrd = NULL;
    params.modules = modules;
    params.module_count = 1;
    assert_failed_saying(ABX_ERR_NOT_SUPPORTED, "modules", load_image(vm, &image, &options, &params, &entry));
    fake_vm_end(vm);
    blob_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_mode_touches_nothing_else),
        cmocka_unit_test(test_protected),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_collisions),
        cmocka_unit_test(test_no_memory_for_it),
        cmocka_unit_test(test_takes_nothing_beside_it),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
