/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Every system call and allocation on the way fails in turn: nothing is lost, and what failed works the next time. */
#include "device_trees.h"
#include "faults.h"
#include "loading.h"

enum { MEMORY = 32 << 20 };

static const image_elf small_linux = {
    .machine = 62,
    .entry = 0x1000040,
    .segments = { { .paddr = 0x1000000, .file_length = 0x50000, .zeros = 0x4f000, .memory_length = 0x51000 } },
    .linux_note = true,
    .banner = "Linux version 6.1.0-test (builder@host)\n",
};

/* What is opened and loaded. */
typedef struct attempt {
    abx_vm *vm;
    const char *kernel;
    abx_kernel_options options;
    abx_boot_params params;
} attempt;

static abx_status run(const attempt *what)
{
    abx_kernel *kernel;
    abx_boot_entry entry;
    abx_status status = abx_kernel_open(&kernel, what->kernel, &what->options);
    if (status == ABX_OK) {
        status = abx_boot_load(what->vm, kernel, &what->params, &entry);
        abx_kernel_close(kernel);
    }
    return status;
}

static void assert_plausible(abx_status status)
{
    switch (status) {
    case ABX_OK:
    case ABX_ERR_NO_MEMORY:
    case ABX_ERR_LIMIT:
    case ABX_ERR_SYSTEM:
        return;
    default:
        fail_msg("%s failed: %s: %s", faults_name(), abx_status_name(status), abx_last_error()->message);
    }
}

/* `prepare` makes the state before each attempt the same. */
static void fail_each(attempt *what, void (*prepare)(attempt *what, unsigned call))
{
    unsigned call = 0;
    unsigned failures = 0;
    bool hit;
    do {
        call++;
        prepare(what, call);
        size_t descriptors = open_descriptors();
        size_t live = faults_live();
        faults_begin(call);
        abx_status status = run(what);
        hit = faults_end();
        assert_plausible(status);
        failures += status != ABX_OK;
        if (faults_live() != live) {
            fail_msg("memory is lost when %s, call %u, fails", faults_name(), call);
        }
        if (open_descriptors() != descriptors) {
            fail_msg("a descriptor is lost when %s, call %u, fails", faults_name(), call);
        }
        assert_ok(run(what));
    } while (hit);
    print_message("%u calls, %u of them fatal\n", call - 1, failures);
    assert_true(call > 5 && failures > 2);
}

static void nothing(attempt *what, unsigned call)
{
    (void)what;
    (void)call;
}

/* A folder of its own for each attempt: the first is a miss, the second a hit. */
static void new_cache(attempt *what, unsigned call)
{
    char name[32];
    (void)snprintf(name, sizeof(name), "cache/%u", call);
    what->options.cache = scratch_path(name);
}

static void filled_cache(attempt *what, unsigned call)
{
    (void)call;
    what->options.cache = scratch_path("filled");
    assert_ok(run(what));
}

static attempt begin_for(abx_arch arch, const blob *image, const char *name)
{
    blob initrd = { 0 };
    blob_noise(&initrd, 0, 1000, 1);
    attempt what = { .vm = fake_vm_for(arch, MEMORY),
                     .kernel = scratch_write(name, image),
                     .options = OPTIONS_FOR(arch),
                     .params = ABX_BOOT_PARAMS_INIT };
    what.options.cache = "";
    what.params.initrd = scratch_write("initrd", &initrd);
    blob_free(&initrd);
    return what;
}

static attempt begin(const blob *image, const char *name)
{
    return begin_for(ABX_ARCH_X86_64, image, name);
}

static void test_vmlinux(void **state)
{
    (void)state;
    blob image = image_make_elf(&small_linux);
    attempt what = begin(&image, "vmlinux");
    fail_each(&what, nothing);
    fake_vm_end(what.vm);
    blob_free(&image);
}

static void test_bzimage(void **state)
{
    (void)state;
    blob image = image_make_elf(&small_linux);
    for (unsigned packing = 0; packing < PACK_COUNT; packing++) {
        blob payload = image_pack_linux(&image, packing);
        blob bzimage = image_make_bzimage(&payload);
        attempt what = begin(&bzimage, "bzImage");
        fail_each(&what, nothing);
        fake_vm_end(what.vm);
        blob_free(&bzimage);
        blob_free(&payload);
    }
    blob_free(&image);
}

static void test_cache(void **state)
{
    (void)state;
    blob image = image_make_elf(&small_linux);
    blob payload = image_pack_linux(&image, PACK_LZ4_LEGACY);
    blob bzimage = image_make_bzimage(&payload);
    attempt what = begin(&bzimage, "cached");
    fail_each(&what, new_cache);
    fail_each(&what, filled_cache);
    fake_vm_end(what.vm);
    blob_free(&bzimage);
    blob_free(&payload);
    blob_free(&image);
}

static void test_multiboot(void **state)
{
    (void)state;
    image_elf made = small_linux;
    made.linux_note = false;
    made.multiboot = true;
    blob image = image_make_elf(&made);
    attempt what = begin(&image, "multiboot");
    const char *const modules[] = { what.params.initrd, what.params.initrd };
    what.params.modules = modules;
    what.params.module_count = 2;
    fail_each(&what, nothing);
    fake_vm_end(what.vm);
    blob_free(&image);
}

static void test_flat(void **state)
{
    (void)state;
    blob image = { 0 };
    blob_noise(&image, 0, 5000, 1);
    attempt what = begin(&image, "flat");
    what.options.kind = ABX_IMAGE_FLAT;
    what.params.initrd = NULL;
    fail_each(&what, nothing);
    fake_vm_end(what.vm);
    blob_free(&image);
}

static void test_arm64(void **state)
{
    (void)state;
    blob image = image_make_arm64(&image_arm64_linux);
    blob payload = image_pack_linux(&image, PACK_ZSTD);
    blob zboot = image_make_zboot(&payload, "zstd22", true);
    blob tree = device_tree_make();
    const blob *const images[] = { &image, &zboot };
    for (size_t i = 0; i < 2; i++) {
        attempt what = begin_for(ABX_ARCH_ARM64, images[i], "arm64");
        what.params.device_tree = tree.data;
        what.params.device_tree_size = tree.size;
        fail_each(&what, nothing);
        if (i == 1) {
            fail_each(&what, new_cache);
            fail_each(&what, filled_cache);
        }
        fake_vm_end(what.vm);
    }
    blob_free(&tree);
    blob_free(&zboot);
    blob_free(&payload);
    blob_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vmlinux),   cmocka_unit_test(test_bzimage), cmocka_unit_test(test_cache),
        cmocka_unit_test(test_multiboot), cmocka_unit_test(test_flat),    cmocka_unit_test(test_arm64),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
