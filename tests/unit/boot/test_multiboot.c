/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "loading.h"

#include <elf.h>

enum { INFO = 0x2000, MEMORY = 16 << 20 };

static const image_elf kernel_elf = {
    .narrow = true,
    .machine = EM_386,
    .entry = 0x100010,
    .segments = { { .paddr = 0x100000, .vaddr = 0x100000, .file_length = 0x2000, .memory_length = 0x3456 } },
    .multiboot = true
};

static void assert_string(abx_vm *vm, abx_gpa gpa, const char *expected)
{
    assert_guest(vm, gpa, expected, strlen(expected) + 1);
}

static void assert_module(abx_vm *vm, unsigned index, abx_gpa gpa, const blob *content, const char *string)
{
    abx_gpa module = guest_le(vm, INFO + 24, 4) + 16 * index;
    assert_int_equal(guest_le(vm, module, 4), gpa);
    assert_int_equal(guest_le(vm, module + 4, 4), gpa + content->size);
    assert_string(vm, guest_le(vm, module + 8, 4), string);
    assert_int_equal(guest_le(vm, module + 12, 4), 0);
    assert_guest(vm, gpa, content->data, content->size);
}

static void test_boots(void **state)
{
    (void)state;
    blob image = image_make_elf(&kernel_elf);
    blob first = { 0 };
    blob second = { 0 };
    abx_vm *vm = fake_vm(MEMORY);
    abx_boot_params params = ABX_BOOT_PARAMS_INIT;
    abx_boot_entry entry;
    char with_arguments[256];
    blob_noise(&first, 0, 5000, 1);
    blob_noise(&second, 0, 100, 2);
    (void)snprintf(with_arguments, sizeof(with_arguments), "%s these are arguments", scratch_write("first", &first));
    const char *const modules[] = { with_arguments, scratch_write("second", &second) };
    params.cmdline = "kernel arguments";
    params.modules = modules;
    params.module_count = 2;
    assert_ok(abx_memory_fill(vm, 0, 0xa5, MEMORY));
    assert_ok(load_image(vm, &image, NULL, &params, &entry));
    assert_segments(vm, &kernel_elf, &image);

    assert_int_equal(entry.kind, ABX_IMAGE_MULTIBOOT);
    assert_int_equal(entry.mode, ABX_FLAT_PROTECTED);
    assert_int_equal(entry.entry, 0x100010);
    assert_int_equal(entry.info, INFO);
    assert_gdt(vm, entry.gdt, false);

    assert_int_equal(guest_le(vm, INFO, 4), 0x24d);
    assert_int_equal(guest_le(vm, INFO + 4, 4), 639);
    assert_int_equal(guest_le(vm, INFO + 8, 4), 15 * 1024);
    assert_string(vm, guest_le(vm, INFO + 16, 4), "kernel arguments");
    assert_int_equal(guest_le(vm, INFO + 20, 4), 2);
    assert_module(vm, 0, 0x104000, &first, with_arguments);
    assert_module(vm, 1, 0x106000, &second, modules[1]);
    assert_string(vm, guest_le(vm, INFO + 64, 4), "ArcBox");

    abx_gpa map = guest_le(vm, INFO + 48, 4);
    static const uint64_t expected[] = { 0, 0x9fc00, 1, 0x9fc00, 0x60400, 2, 0x100000, MEMORY - 0x100000, 1 };
    assert_int_equal(guest_le(vm, INFO + 44, 4), 3 * 24);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(guest_le(vm, map + 24 * i, 4), 20);
        assert_int_equal(guest_le(vm, map + 24 * i + 4, 8), expected[3 * i]);
        assert_int_equal(guest_le(vm, map + 24 * i + 12, 8), expected[3 * i + 1]);
        assert_int_equal(guest_le(vm, map + 24 * i + 20, 4), expected[3 * i + 2]);
    }
    fake_vm_end(vm);
    blob_free(&first);
    blob_free(&second);
    blob_free(&image);
}

static void test_initrd_is_the_first_module(void **state)
{
    (void)state;
    blob image = image_make_elf(&kernel_elf);
    blob initrd = { 0 };
    abx_vm *vm = fake_vm(MEMORY);
    abx_boot_params params = ABX_BOOT_PARAMS_INIT;
    abx_boot_entry entry;
    blob_noise(&initrd, 0, 5000, 1);
    params.initrd = scratch_write("initrd", &initrd);
    assert_ok(load_image(vm, &image, NULL, &params, &entry));
    assert_int_equal(guest_le(vm, INFO + 20, 4), 1);
    assert_module(vm, 0, 0x104000, &initrd, params.initrd);
    fake_vm_end(vm);
    blob_free(&initrd);
    blob_free(&image);
}

static void test_addresses_in_the_header(void **state)
{
    (void)state;
    const uint32_t magic = 0x1badb002, flags = 0x10003;
    const uint32_t fields[] = { magic, flags, 0u - (magic + flags), 0x200000, 0x200000, 0x200200, 0x201000, 0x200040 };
    blob image = { 0 };
    abx_vm *vm = fake_vm(MEMORY);
    abx_boot_entry entry;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        blob_put_le(&image, 4 * i, 4, fields[i]);
    }
    blob_noise(&image, 64, 1000, 1);
    assert_ok(abx_memory_fill(vm, 0, 0xa5, MEMORY));
    assert_ok(load_image(vm, &image, NULL, NULL, &entry));
    assert_int_equal(entry.entry, 0x200040);
    assert_guest(vm, 0x200000, image.data, 0x200);
    assert_guest_zero(vm, 0x200200, 0xe00);
    assert_int_equal(guest_le(vm, 0x201000, 1), 0xa5);
    fake_vm_end(vm);
    blob_free(&image);
}

static void test_too_low(void **state)
{
    (void)state;
    image_elf made = kernel_elf;
    abx_vm *vm = fake_vm(MEMORY);
    abx_boot_entry entry;
    made.segments[0].paddr = made.segments[0].vaddr = 0x1f000;
    made.entry = 0x1f010;
    blob image = image_make_elf(&made);
    assert_failed_saying(ABX_ERR_RANGE, "128 KiB", load_image(vm, &image, NULL, NULL, &entry));
    blob_free(&image);
    made.segments[0].paddr = made.segments[0].vaddr = 0x20000;
    made.entry = 0x20010;
    image = image_make_elf(&made);
    assert_ok(load_image(vm, &image, NULL, NULL, &entry));
    blob_free(&image);
    made.segments[0].paddr = made.segments[0].vaddr = 0x9f000;
    made.entry = 0x9f010;
    image = image_make_elf(&made);
    assert_failed(ABX_ERR_RANGE, load_image(vm, &image, NULL, NULL, &entry));
    blob_free(&image);
    fake_vm_end(vm);
}

static void test_hostile_modules(void **state)
{
    (void)state;
    blob image = image_make_elf(&kernel_elf);
    blob content = { 0 };
    abx_vm *vm = fake_vm(MEMORY);
    abx_boot_params params = ABX_BOOT_PARAMS_INIT;
    abx_boot_entry entry;
    const char *modules[60];
    char longer[5000];
    blob_noise(&content, 0, 15 << 20, 1);
    params.modules = modules;
    params.module_count = 1;
    modules[0] = scratch_write("module", &content);
    assert_failed_saying(ABX_ERR_RANGE, "module", load_image(vm, &image, NULL, &params, &entry));
    modules[0] = scratch_path("none");
    assert_failed_saying(ABX_ERR_NOT_FOUND, "none", load_image(vm, &image, NULL, &params, &entry));
    modules[0] = "";
    assert_failed(ABX_ERR_INVALID, load_image(vm, &image, NULL, &params, &entry));
    modules[0] = " leading";
    assert_failed(ABX_ERR_INVALID, load_image(vm, &image, NULL, &params, &entry));
    modules[0] = NULL;
    assert_failed(ABX_ERR_INVALID, load_image(vm, &image, NULL, &params, &entry));
    memset(longer, 'a', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    modules[0] = longer;
    assert_failed(ABX_ERR_INVALID, load_image(vm, &image, NULL, &params, &entry));
    blob_resize(&content, 10);
    const char *small = scratch_write("small", &content);
    for (size_t i = 0; i < 60; i++) {
        modules[i] = small;
    }
    params.module_count = 48;
    assert_ok(load_image(vm, &image, NULL, &params, &entry));
    assert_int_equal(guest_le(vm, INFO + 20, 4), 48);
    params.module_count = 49;
    assert_failed_saying(ABX_ERR_NOT_SUPPORTED, "48", load_image(vm, &image, NULL, &params, &entry));
    /* Strings for more than there is room. */
    (void)snprintf(longer, sizeof(longer), "%s ", small);
    memset(longer + strlen(longer), 'a', 4000);
    longer[4000] = '\0';
    for (size_t i = 0; i < 60; i++) {
        modules[i] = longer;
    }
    params.module_count = 20;
    assert_failed_saying(ABX_ERR_FORMAT, "strings", load_image(vm, &image, NULL, &params, &entry));
    params.module_count = 16;
    assert_ok(load_image(vm, &image, NULL, &params, &entry));
    fake_vm_end(vm);
    blob_free(&content);
    blob_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boots),
        cmocka_unit_test(test_initrd_is_the_first_module),
        cmocka_unit_test(test_addresses_in_the_header),
        cmocka_unit_test(test_too_low),
        cmocka_unit_test(test_hostile_modules),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
