/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Thousands of images with random damage, the same ones in every run: each opens and loads, or fails with a status that
 * boot.h names, and leaves nothing behind. */
#include "device_trees.h"
#include "loading.h"

#include <elf.h>

enum { MEMORY = 32 << 20 };

static const image_elf small_linux = {
    .machine = EM_X86_64,
    .entry = 0x1000040,
    .segments = { { .paddr = 0x1000000, .vaddr = 0xffffffff81000000, .file_length = 0x400, .memory_length = 0x1000 },
                  { .paddr = 0x1002000, .vaddr = 0xffffffff81002000, .file_length = 0x100, .memory_length = 0x800 } },
    .linux_note = true,
    .pvh_entry = 0x1000080,
    .banner = "Linux version 6.1.0-test (builder@host)\n",
};

static const image_elf small_multiboot = {
    .narrow = true,
    .machine = EM_386,
    .entry = 0x100010,
    .segments = { { .paddr = 0x100000, .vaddr = 0x100000, .file_length = 0x200, .memory_length = 0x1000 } },
    .multiboot = true,
};

/* Numbers that break things, or any. */
static uint64_t hostile(uint32_t *seed)
{
    static const uint64_t values[] = { 0,
                                       1,
                                       0x7f,
                                       0x80,
                                       0xff,
                                       0xffff,
                                       0x7fffffff,
                                       0x80000000,
                                       0xffffffff,
                                       0x7fffffffffffffff,
                                       0x8000000000000000,
                                       UINT64_MAX,
                                       UINT64_MAX - 0xfff,
                                       0x1000,
                                       0x100000 };
    uint32_t pick = next_random(seed) % 20;
    return pick < sizeof(values) / sizeof(values[0]) ? values[pick] : next_random(seed);
}

static void mutate(blob *image, size_t interesting, uint32_t *seed)
{
    static const unsigned widths[] = { 1, 2, 4, 8 };
    unsigned changes = 1 + next_random(seed) % 3;
    for (unsigned i = 0; i < changes; i++) {
        unsigned width = widths[next_random(seed) % 4];
        size_t range = next_random(seed) % 8 ? interesting : image->size;
        blob_put_le(image, next_random(seed) % (range - 8), width, hostile(seed));
    }
    if (next_random(seed) % 10 == 0) {
        blob_resize(image, next_random(seed) % image->size);
    }
}

static void assert_documented(abx_status status)
{
    switch (status) {
    case ABX_OK:
    case ABX_ERR_FORMAT:
    case ABX_ERR_NOT_SUPPORTED:
    case ABX_ERR_NO_MEMORY:
    case ABX_ERR_RANGE:
        return;
    default:
        fail_msg("%s: %s", abx_status_name(status), abx_last_error()->message);
    }
}

static unsigned try_image(abx_vm *vm, const blob *image, const abx_boot_params *params)
{
    abx_kernel_options options = OPTIONS_FOR(abx_vm_get_config(vm)->arch);
    abx_kernel *kernel;
    abx_boot_entry entry;
    options.cache = "";
    abx_status status = abx_kernel_open(&kernel, scratch_write("mutant", image), &options);
    assert_documented(status);
    if (status != ABX_OK) {
        return 0;
    }
    const abx_kernel_info *info = abx_kernel_get_info(kernel);
    assert_true(info->load_low < info->load_high);
    assert_true(info->entry >= info->load_low && info->entry < info->load_high);
    assert_non_null(memchr(info->version, '\0', sizeof(info->version)));
    status = abx_boot_load(vm, kernel, params, &entry);
    assert_documented(status);
    abx_kernel_close(kernel);
    return status == ABX_OK;
}

static void run_in(abx_vm *vm, const abx_boot_params *params, const blob *good, size_t interesting, unsigned rounds,
                   uint32_t seed)
{
    unsigned loaded = try_image(vm, good, params);
    assert_int_equal(loaded, 1);
    size_t descriptors = open_descriptors();
    for (unsigned round = 0; round < rounds; round++) {
        blob mutant = blob_copy(good);
        mutate(&mutant, interesting, &seed);
        loaded += try_image(vm, &mutant, params);
        blob_free(&mutant);
    }
    assert_int_equal(open_descriptors(), descriptors);
    print_message("%u of %u loaded\n", loaded, rounds + 1);
    assert_true(loaded < rounds);
    fake_vm_end(vm);
}

static void run(const blob *good, size_t interesting, unsigned rounds, uint32_t seed)
{
    run_in(fake_vm(MEMORY), NULL, good, interesting, rounds, seed);
}

static void run_arm64(const blob *good, size_t interesting, unsigned rounds, uint32_t seed)
{
    blob tree = device_tree_make();
    abx_boot_params params = ABX_BOOT_PARAMS_INIT;
    params.device_tree = tree.data;
    params.device_tree_size = tree.size;
    run_in(fake_vm_for(ABX_ARCH_ARM64, MEMORY), &params, good, interesting, rounds, seed);
    blob_free(&tree);
}

static void test_vmlinux(void **state)
{
    (void)state;
    blob image = image_make_elf(&small_linux);
    run(&image, 0x800, 1500, 1);
    blob_free(&image);
}

static void test_multiboot(void **state)
{
    (void)state;
    blob image = image_make_elf(&small_multiboot);
    run(&image, 0x90, 1500, 2);
    blob_free(&image);
}

static void test_multiboot_addresses(void **state)
{
    (void)state;
    const uint32_t magic = 0x1badb002, flags = 0x10003;
    const uint32_t fields[] = { magic, flags, 0u - (magic + flags), 0x200000, 0x200000, 0x200200, 0x201000, 0x200040 };
    blob image = { 0 };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        blob_put_le(&image, 4 * i, 4, fields[i]);
    }
    blob_noise(&image, 64, 1000, 1);
    run(&image, 40, 1500, 3);
    blob_free(&image);
}

static void test_bzimage(void **state)
{
    (void)state;
    blob image = image_make_elf(&small_linux);
    blob payload = image_pack_linux(&image, PACK_GZIP);
    blob bzimage = image_make_bzimage(&payload);
    run(&bzimage, 0x270, 700, 4);
    blob_free(&bzimage);
    blob_free(&payload);
    blob_free(&image);
}

static void test_packed(void **state)
{
    (void)state;
    blob image = image_make_elf(&small_linux);
    for (unsigned packing = PACK_GZIP; packing <= PACK_LZMA; packing++) {
        blob packed = image_pack(&image, packing);
        run(&packed, packed.size, 300, 5 + packing);
        blob_free(&packed);
    }
    blob_free(&image);
}

static void test_arm64_image(void **state)
{
    (void)state;
    const image_arm64 small = { .image_size = 0x8000, .flags = 0xa, .length = 0x4000 };
    blob image = image_make_arm64(&small);
    run_arm64(&image, 64, 1500, 20);
    blob payload = image_pack_linux(&image, PACK_ZSTD);
    blob zboot = image_make_zboot(&payload, "zstd22", true);
    run_arm64(&zboot, 64, 700, 21);
    blob packed = image_pack(&image, PACK_GZIP);
    run_arm64(&packed, packed.size, 300, 22);
    blob_free(&packed);
    blob_free(&zboot);
    blob_free(&payload);
    blob_free(&image);
}

static void test_arm64_elf(void **state)
{
    (void)state;
    const image_elf program = {
        .machine = EM_AARCH64,
        .entry = 0x40080040,
        .segments = { { .paddr = 0x40080000, .vaddr = 0x40080000, .file_length = 0x400, .memory_length = 0x1000 } },
    };
    blob image = image_make_elf(&program);
    run_arm64(&image, 0x90, 1500, 23);
    blob_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vmlinux),   cmocka_unit_test(test_multiboot), cmocka_unit_test(test_multiboot_addresses),
        cmocka_unit_test(test_bzimage),   cmocka_unit_test(test_packed),    cmocka_unit_test(test_arm64_image),
        cmocka_unit_test(test_arm64_elf),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
