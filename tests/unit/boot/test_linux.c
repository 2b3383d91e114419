/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "loading.h"

#include <sys/stat.h>
#include <unistd.h>

enum { BOOT_PARAMS = 0x2000, CMDLINE = 0x10000, MEMORY = 64 << 20 };

static void test_boots(void **state)
{
    (void)state;
    blob image = image_make_elf(&image_linux);
    blob payload = image_pack_linux(&image, PACK_LZ4_LEGACY);
    blob bzimage = image_make_bzimage(&payload);
    blob initrd = { 0 };
    abx_vm *vm = fake_vm(MEMORY);
    abx_boot_params params = ABX_BOOT_PARAMS_INIT;
    abx_boot_entry entry;
    blob_noise(&initrd, 0, 10000, 9);
    params.cmdline = "console=ttyS0 quiet";
    params.initrd = scratch_write("initrd", &initrd);
    params.acpi_rsdp = 0xe0000;
    assert_ok(abx_memory_fill(vm, 0, 0xa5, MEMORY)); /* nothing may depend on fresh memory */
    assert_ok(load_image(vm, &bzimage, NULL, &params, &entry));
    assert_segments(vm, &image_linux, &image);

    assert_int_equal(entry.kind, ABX_IMAGE_LINUX);
    assert_int_equal(entry.mode, ABX_FLAT_LONG);
    assert_int_equal(entry.entry, 0x1000040);
    assert_int_equal(entry.info, BOOT_PARAMS);
    assert_gdt(vm, entry.gdt, true);
    assert_identity(vm, entry.page_tables);
    assert_guest(vm, CMDLINE, params.cmdline, strlen(params.cmdline) + 1);

    /* The setup header is the image's, but for what a loader fills in. */
    assert_guest(vm, BOOT_PARAMS + 0x1f1, bzimage.data + 0x1f1, 0x210 - 0x1f1);
    assert_guest(vm, BOOT_PARAMS + 0x22c, bzimage.data + 0x22c, 0x250 - 0x22c);
    assert_guest(vm, BOOT_PARAMS + 0x258, bzimage.data + 0x258, 0x26c - 0x258);
    assert_guest_zero(vm, BOOT_PARAMS + 0x26c, 0x2d0 - 0x26c);
    assert_int_equal(guest_le(vm, BOOT_PARAMS + 0x210, 1), 0xff);
    assert_int_equal(guest_le(vm, BOOT_PARAMS + 0x211, 1), 0x01);
    assert_int_equal(guest_le(vm, BOOT_PARAMS + 0x228, 4), CMDLINE);
    assert_int_equal(guest_le(vm, BOOT_PARAMS + 0x070, 8), 0xe0000);
    assert_int_equal(guest_le(vm, BOOT_PARAMS + 0x1ef, 1), 0); /* sentinel */
    assert_guest_zero(vm, BOOT_PARAMS, 0x070);

    abx_gpa where = guest_le(vm, BOOT_PARAMS + 0x218, 4);
    assert_int_equal(guest_le(vm, BOOT_PARAMS + 0x21c, 4), initrd.size);
    assert_int_equal(where, MEMORY - 0x3000);
    assert_guest(vm, where, initrd.data, initrd.size);

    static const uint64_t map[] = { 0, 0x9fc00, 1, 0x9fc00, 0x60400, 2, 0x100000, MEMORY - 0x100000, 1 };
    assert_int_equal(guest_le(vm, BOOT_PARAMS + 0x1e8, 1), 3);
    for (size_t i = 0; i < 3; i++) {
        abx_gpa at = BOOT_PARAMS + 0x2d0 + 20 * i;
        assert_int_equal(guest_le(vm, at, 8), map[3 * i]);
        assert_int_equal(guest_le(vm, at + 8, 8), map[3 * i + 1]);
        assert_int_equal(guest_le(vm, at + 16, 4), map[3 * i + 2]);
    }
    assert_guest_zero(vm, BOOT_PARAMS + 0x2d0 + 60, 4096 - (0x2d0 + 60));
    fake_vm_end(vm);
    blob_free(&initrd);
    blob_free(&bzimage);
    blob_free(&payload);
    blob_free(&image);
}

static void test_seed(void **state)
{
    (void)state;
    blob image = image_make_elf(&image_linux);
    abx_vm *vm = fake_vm(MEMORY);
    abx_boot_entry entry;
    assert_ok(load_image(vm, &image, NULL, NULL, &entry));
    abx_gpa data = guest_le(vm, BOOT_PARAMS + 0x250, 8);
    assert_int_equal(guest_le(vm, data, 8), 0);
    assert_int_equal(guest_le(vm, data + 8, 4), 9);
    assert_int_equal(guest_le(vm, data + 12, 4), 32);
    uint64_t seed = guest_le(vm, data + 16, 8);
    assert_true(seed != 0);
    assert_ok(load_image(vm, &image, NULL, NULL, &entry));
    assert_true(guest_le(vm, data + 16, 8) != seed);
    fake_vm_end(vm);
    blob_free(&image);
}

static void test_vmlinux_gets_a_header(void **state)
{
    (void)state;
    blob image = image_make_elf(&image_linux);
    abx_vm *vm = fake_vm(MEMORY);
    abx_boot_entry entry;
    assert_ok(load_image(vm, &image, NULL, NULL, &entry));
    assert_segments(vm, &image_linux, &image);
    assert_int_equal(guest_le(vm, BOOT_PARAMS + 0x1fe, 2), 0xaa55);
    assert_int_equal(guest_le(vm, BOOT_PARAMS + 0x202, 4), 0x53726448);
    assert_true(guest_le(vm, BOOT_PARAMS + 0x206, 2) >= 0x20c);
    assert_int_equal(guest_le(vm, BOOT_PARAMS + 0x218, 8), 0); /* no initrd */
    assert_int_equal(guest_le(vm, CMDLINE, 1), 0);
    fake_vm_end(vm);
    blob_free(&image);
}

static void test_command_line(void **state)
{
    (void)state;
    blob image = image_make_elf(&image_linux);
    abx_vm *vm = fake_vm(MEMORY);
    abx_boot_params params = ABX_BOOT_PARAMS_INIT;
    abx_boot_entry entry;
    char cmdline[2049];
    memset(cmdline, 'a', sizeof(cmdline));
    cmdline[2047] = '\0';
    params.cmdline = cmdline;
    assert_ok(load_image(vm, &image, NULL, &params, &entry));
    assert_guest(vm, CMDLINE, cmdline, 2048);
    cmdline[2047] = 'a';
    cmdline[2048] = '\0';
    assert_failed_saying(ABX_ERR_FORMAT, "2047", load_image(vm, &image, NULL, &params, &entry));
    fake_vm_end(vm);
    blob_free(&image);
}

static void test_little_memory(void **state)
{
    (void)state;
    blob image = image_make_elf(&image_linux);
    abx_boot_entry entry = { .entry = 77 };
    static const uint64_t sizes[] = { 0x1000, 0x1f000, 0x20000, 0x100000, 16 << 20, 0x1207000 };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        abx_vm *vm = fake_vm(sizes[i]);
        assert_failed_saying(ABX_ERR_RANGE, "Give the guest more memory", load_image(vm, &image, NULL, NULL, &entry));
        assert_int_equal(entry.entry, 77);
        fake_vm_end(vm);
    }
    abx_vm *vm = fake_vm(0x1208000);
    assert_ok(load_image(vm, &image, NULL, NULL, &entry));
    fake_vm_end(vm);
    blob_free(&image);
}

static void test_memory_elsewhere(void **state)
{
    (void)state;
    blob image = image_make_elf(&image_linux);
    abx_boot_entry entry;
    abx_vm *vm = fake_vm(0);
    assert_failed(ABX_ERR_RANGE, load_image(vm, &image, NULL, NULL, &entry));
    fake_add(vm, 0, 0x100000, 0);
    fake_add(vm, 0x1000000, 0x400000, ABX_MEMORY_READ_ONLY);
    assert_failed(ABX_ERR_RANGE, load_image(vm, &image, NULL, NULL, &entry));
    fake_vm_end(vm);
    blob_free(&image);
}

static void test_initrd_beyond_memory(void **state)
{
    (void)state;
    blob image = image_make_elf(&image_linux);
    blob initrd = { 0 };
    abx_vm *vm = fake_vm(32 << 20);
    abx_boot_params params = ABX_BOOT_PARAMS_INIT;
    abx_boot_entry entry;
    blob_noise(&initrd, 0, 1, 1);
    params.initrd = scratch_write("big", &initrd);
    /* Between the kernel's end and 32 MiB there are 13.97 MiB, below it 15 MiB. */
    assert_int_equal(truncate(params.initrd, (15 << 20) + 1), 0);
    assert_failed_saying(ABX_ERR_RANGE, "initrd", load_image(vm, &image, NULL, &params, &entry));
    assert_int_equal(truncate(params.initrd, 15 << 20), 0);
    assert_ok(load_image(vm, &image, NULL, &params, &entry));
    assert_int_equal(guest_le(vm, BOOT_PARAMS + 0x218, 4), 0x100000);
    assert_segments(vm, &image_linux, &image);
    assert_int_equal(truncate(params.initrd, 1ull << 40), 0);
    assert_failed(ABX_ERR_RANGE, load_image(vm, &image, NULL, &params, &entry));
    assert_int_equal(truncate(params.initrd, 0), 0);
    assert_failed_saying(ABX_ERR_FORMAT, "empty", load_image(vm, &image, NULL, &params, &entry));
    params.initrd = scratch_path("no initrd");
    assert_failed_saying(ABX_ERR_NOT_FOUND, "no initrd", load_image(vm, &image, NULL, &params, &entry));
    params.initrd = scratch();
    assert_failed(ABX_ERR_FORMAT, load_image(vm, &image, NULL, &params, &entry));
    fake_vm_end(vm);
    blob_free(&initrd);
    blob_free(&image);
}

/* The kernel's limit for the initrd lies below the end of memory. */
static void test_initrd_limit(void **state)
{
    (void)state;
    blob image = image_make_elf(&image_linux);
    blob bzimage = image_make_bzimage(&image);
    blob initrd = { 0 };
    abx_vm *vm = fake_vm(MEMORY);
    abx_boot_params params = ABX_BOOT_PARAMS_INIT;
    abx_boot_entry entry;
    blob_noise(&initrd, 0, 5000, 1);
    blob_put_le(&bzimage, 0x22c, 4, 0x2ffffff);
    params.initrd = scratch_write("initrd", &initrd);
    assert_ok(load_image(vm, &bzimage, NULL, &params, &entry));
    assert_int_equal(guest_le(vm, BOOT_PARAMS + 0x218, 4), 0x2ffe000);
    fake_vm_end(vm);
    blob_free(&initrd);
    blob_free(&bzimage);
    blob_free(&image);
}

static void test_many_ranges(void **state)
{
    (void)state;
    blob image = image_make_elf(&image_linux);
    abx_vm *vm = fake_vm(MEMORY);
    abx_boot_entry entry;
    for (abx_gpa i = 0; i < 125; i++) {
        fake_add(vm, 0x10000000 + i * 0x2000, 0x1000, 0);
    }
    assert_ok(load_image(vm, &image, NULL, NULL, &entry));
    assert_int_equal(guest_le(vm, BOOT_PARAMS + 0x1e8, 1), 128);
    assert_int_equal(guest_le(vm, BOOT_PARAMS + 0x2d0 + 20 * 127, 8), 0x10000000 + 124 * 0x2000);
    fake_add(vm, 0x20000000, 0x1000, 0);
    assert_failed(ABX_ERR_RANGE, load_image(vm, &image, NULL, NULL, &entry));
    fake_vm_end(vm);
    blob_free(&image);
}

static void test_file_that_changes_after_opening(void **state)
{
    (void)state;
    blob image = image_make_elf(&image_linux);
    abx_kernel *kernel = open_image(&image, NULL);
    abx_vm *vm = fake_vm(MEMORY);
    abx_boot_entry entry;
    assert_int_equal(truncate(scratch_path("image"), 0x2000), 0);
    assert_failed_saying(ABX_ERR_FORMAT, "shorter", abx_boot_load(vm, kernel, NULL, &entry));
    fake_vm_end(vm);
    abx_kernel_close(kernel);
    blob_free(&image);
}

static void test_arguments(void **state)
{
    (void)state;
    blob image = image_make_elf(&image_linux);
    abx_kernel *kernel = open_image(&image, NULL);
    abx_vm *vm = fake_vm(MEMORY);
    abx_boot_params params = ABX_BOOT_PARAMS_INIT;
    abx_boot_entry entry;
    const char *const modules[] = { "module" };
    assert_failed(ABX_ERR_INVALID, abx_boot_load(NULL, kernel, NULL, &entry));
    assert_failed(ABX_ERR_INVALID, abx_boot_load(vm, NULL, NULL, &entry));
    assert_failed(ABX_ERR_INVALID, abx_boot_load(vm, kernel, NULL, NULL));
    params.module_count = 1;
    assert_failed(ABX_ERR_INVALID, abx_boot_load(vm, kernel, &params, &entry));
    params.modules = modules;
    assert_failed_saying(ABX_ERR_NOT_SUPPORTED, "modules", abx_boot_load(vm, kernel, &params, &entry));
    params.size = 4096;
    assert_failed(ABX_ERR_INVALID, abx_boot_load(vm, kernel, &params, &entry));
    fake_vm_end(vm);
    abx_kernel_close(kernel);
    blob_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boots),
        cmocka_unit_test(test_seed),
        cmocka_unit_test(test_vmlinux_gets_a_header),
        cmocka_unit_test(test_command_line),
        cmocka_unit_test(test_little_memory),
        cmocka_unit_test(test_memory_elsewhere),
        cmocka_unit_test(test_initrd_beyond_memory),
        cmocka_unit_test(test_initrd_limit),
        cmocka_unit_test(test_many_ranges),
        cmocka_unit_test(test_file_that_changes_after_opening),
        cmocka_unit_test(test_arguments),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
