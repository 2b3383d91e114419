/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A stock kernel, named by ARCBOX_TEST_KERNEL or found by tools/guest/kernel, through everything up to its registers.
 */
#include "boot_test.h"
#include "fake_backend.h"
#include "images.h"

#include <arcbox/boot.h>

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char path[4096];

/* What the tool prints, unless it takes too long to fetch it. */
static bool ask_tool(const char *tool)
{
    char command[4096];
    (void)snprintf(command, sizeof(command), "timeout 60 '%s' x86_64 2>/dev/null", tool);
    FILE *answer = popen(command, "re");
    assert_non_null(answer);
    bool found = fgets(path, sizeof(path), answer) != NULL;
    path[strcspn(path, "\n")] = '\0';
    return pclose(answer) == 0 && found;
}

static bool find_kernel(void)
{
    const char *named = getenv("ARCBOX_TEST_KERNEL");
    const char *tool = getenv("ARCBOX_KERNEL_TOOL");
    if (named) {
        (void)snprintf(path, sizeof(path), "%s", named);
        return access(path, R_OK) == 0;
    }
    return tool && ask_tool(tool);
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

static abx_kernel *open_kernel(const char *what, const char *cache)
{
    abx_kernel_options options = OPTIONS_FOR(ABX_ARCH_X86_64);
    abx_kernel *kernel;
    options.cache = cache;
    double since = milliseconds();
    assert_ok(abx_kernel_open(&kernel, path, &options));
    report(what, since);
    return kernel;
}

static void load(const abx_kernel *kernel, const char *what, uint8_t **content)
{
    abx_vm *vm = fake_vm(256u << 20);
    abx_boot_entry entry;
    const abx_kernel_info *info = abx_kernel_get_info(kernel);
    double since = milliseconds();
    assert_ok(abx_boot_load(vm, kernel, NULL, &entry));
    report(what, since);
    assert_int_equal(entry.entry, info->entry);
    *content = malloc(info->load_high - info->load_low);
    assert_non_null(*content);
    assert_ok(abx_memory_read(vm, info->load_low, *content, info->load_high - info->load_low));
    fake_vm_end(vm);
}

static void test_stock_kernel(void **state)
{
    (void)state;
    if (!find_kernel()) {
        print_message("no stock kernel: tools/guest/kernel gave none; set ARCBOX_TEST_KERNEL to one\n");
        skip();
    }
    const char *cache = scratch_path("cache");
    uint8_t *unkept;
    uint8_t *fresh;
    uint8_t *cached;
    abx_kernel *kernel = open_kernel("open, no cache", "");
    const abx_kernel_info info = *abx_kernel_get_info(kernel);
    print_message("%s, %s, 0x%llx to 0x%llx\n", info.version, info.compression, (unsigned long long)info.load_low,
                  (unsigned long long)info.load_high);
    assert_int_equal(info.kind, ABX_IMAGE_LINUX);
    assert_true(info.version[0] >= '3' && info.version[0] <= '9');
    assert_true(info.entry >= info.load_low && info.entry < info.load_high);
    load(kernel, "load", &unkept);
    abx_kernel_close(kernel);

    kernel = open_kernel("open, cache empty", cache);
    assert_false(abx_kernel_get_info(kernel)->from_cache);
    load(kernel, "load", &fresh);
    abx_kernel_close(kernel);

    kernel = open_kernel("open, from cache", cache);
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

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_stock_kernel) };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
