/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Stock kernels, that of x86_64 named by ARCBOX_TEST_KERNEL or both found by tools/guest/kernel, through everything up
 * to their registers. */
#include "boot_test.h"
#include "device_trees.h"
#include "fake_backend.h"
#include "images.h"

#include <arcbox/boot.h>

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char path[4096];

/* What the tool prints, unless it takes too long to fetch it. */
static bool ask_tool(const char *tool, const char *arch)
{
    char command[4096];
    (void)snprintf(command, sizeof(command), "timeout 60 '%s' %s 2>/dev/null", tool, arch);
    FILE *answer = popen(command, "re");
    assert_non_null(answer);
    bool found = fgets(path, sizeof(path), answer) != NULL;
    path[strcspn(path, "\n")] = '\0';
    return pclose(answer) == 0 && found;
}

static bool find_kernel(abx_arch arch)
{
    const char *named = arch == ABX_ARCH_X86_64 ? getenv("ARCBOX_TEST_KERNEL") : NULL;
    const char *tool = getenv("ARCBOX_KERNEL_TOOL");
    if (named) {
        (void)snprintf(path, sizeof(path), "%s", named);
        return access(path, R_OK) == 0;
    }
    return tool && ask_tool(tool, arch == ABX_ARCH_ARM64 ? "aarch64" : "x86_64");
}

static double milliseconds(void)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void report(const char *what, double since)
{
    print_message("%-30s %8.2f ms\n", what, milliseconds() - since);
}

static abx_kernel *open_kernel(abx_arch arch, const char *what, const char *cache)
{
    abx_kernel_options options = OPTIONS_FOR(arch);
    abx_kernel *kernel;
    options.cache = cache;
    double since = milliseconds();
    assert_ok(abx_kernel_open(&kernel, path, &options));
    report(what, since);
    return kernel;
}

static void load(const abx_kernel *kernel, const char *what, uint8_t **content)
{
    const abx_kernel_info *info = abx_kernel_get_info(kernel);
    abx_vm *vm = fake_vm_for(info->arch, 256u << 20);
    abx_boot_params params = ABX_BOOT_PARAMS_INIT;
    abx_boot_entry entry;
    blob tree = { 0 };
    if (info->arch == ABX_ARCH_ARM64) {
        tree = device_tree_make();
        params.device_tree = tree.data;
        params.device_tree_size = tree.size;
    }
    double since = milliseconds();
    assert_ok(abx_boot_load(vm, kernel, &params, &entry));
    report(what, since);
    assert_int_equal(entry.entry, info->entry);
    *content = malloc(info->load_high - info->load_low);
    assert_non_null(*content);
    assert_ok(abx_memory_read(vm, info->load_low, *content, info->load_high - info->load_low));
    blob_free(&tree);
    fake_vm_end(vm);
}

static void test_stock_kernel(void **state)
{
    (void)state;
    if (!find_kernel(ABX_ARCH_X86_64)) {
        print_message("no stock kernel: tools/guest/kernel gave none; set ARCBOX_TEST_KERNEL to one\n");
        skip();
    }
    const char *cache = scratch_path("cache");
    uint8_t *unkept;
    uint8_t *fresh;
    uint8_t *cached;
    abx_kernel *kernel = open_kernel(ABX_ARCH_X86_64, "open, no cache", "");
    const abx_kernel_info info = *abx_kernel_get_info(kernel);
    print_message("%s, %s, 0x%llx to 0x%llx\n", info.version, info.compression, (unsigned long long)info.load_low,
                  (unsigned long long)info.load_high);
    assert_int_equal(info.kind, ABX_IMAGE_LINUX);
    assert_true(info.version[0] >= '3' && info.version[0] <= '9');
    assert_true(info.entry >= info.load_low && info.entry < info.load_high);
    load(kernel, "load", &unkept);
    abx_kernel_close(kernel);

    kernel = open_kernel(ABX_ARCH_X86_64, "open, cache empty", cache);
    assert_false(abx_kernel_get_info(kernel)->from_cache);
    load(kernel, "load", &fresh);
    abx_kernel_close(kernel);

    kernel = open_kernel(ABX_ARCH_X86_64, "open, from cache", cache);
    assert_true(abx_kernel_get_info(kernel)->from_cache);
    assert_string_equal(abx_kernel_get_info(kernel)->version, info.version);
    load(kernel, "load", &cached);
    abx_kernel_close(kernel);

    assert_memory_equal(unkept, fresh, info.load_high - info.load_low);
    assert_memory_equal(unkept, cached, info.load_high - info.load_low);
    free(unkept);
    free(fresh);
    free(cached);
}

/* Debian packs this one not at all, so that it is packed here. */
static void test_stock_arm64_kernel(void **state)
{
    (void)state;
    if (!find_kernel(ABX_ARCH_ARM64)) {
        print_message("no stock kernel for arm64: tools/guest/kernel gave none\n");
        skip();
    }
    char command[8192];
    uint8_t *plain;
    uint8_t *unpacked;
    uint8_t *cached;
    const char *cache = scratch_path("arm64-cache");
    abx_kernel *kernel = open_kernel(ABX_ARCH_ARM64, "open arm64", "");
    const abx_kernel_info info = *abx_kernel_get_info(kernel);
    print_message("%s, 0x%llx to 0x%llx\n", info.compression, (unsigned long long)info.load_low,
                  (unsigned long long)info.load_high);
    assert_int_equal(info.kind, ABX_IMAGE_LINUX);
    assert_int_equal(info.entry, info.load_low);
    load(kernel, "load", &plain);
    abx_kernel_close(kernel);

    (void)snprintf(command, sizeof(command), "gzip -1 -c '%s' >'%s'", path, scratch_path("arm64.gz"));
    assert_int_equal(system(command), 0);
    (void)snprintf(path, sizeof(path), "%s", scratch_path("arm64.gz"));
    kernel = open_kernel(ABX_ARCH_ARM64, "open arm64, gzip", cache);
    assert_string_equal(abx_kernel_get_info(kernel)->compression, "gzip");
    assert_true(abx_kernel_get_info(kernel)->version[0] >= '3' && abx_kernel_get_info(kernel)->version[0] <= '9');
    load(kernel, "load", &unpacked);
    abx_kernel_close(kernel);
    kernel = open_kernel(ABX_ARCH_ARM64, "open arm64, from cache", cache);
    assert_int_equal(abx_kernel_get_info(kernel)->load_high, info.load_high);
    load(kernel, "load", &cached);
    abx_kernel_close(kernel);

    assert_memory_equal(plain, unpacked, info.load_high - info.load_low);
    assert_memory_equal(plain, cached, info.load_high - info.load_low);
    free(plain);
    free(unpacked);
    free(cached);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_stock_kernel),
                                        cmocka_unit_test(test_stock_arm64_kernel) };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
