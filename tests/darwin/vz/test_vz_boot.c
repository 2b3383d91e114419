/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/configuration.h"

#include <stdio.h>
#include <sys/stat.h>

static abx_status make(id *loader, const abx_boot_config *boot)
{
    return abx_vz_boot_loader_new(loader, boot);
}

static void a_kernel_with_all_that_belongs_to_it(void **state)
{
    rig *r = *state;
    char initrd[64];
    id loader;
    snprintf(initrd, sizeof(initrd), "%s", rig_file(r, "initrd", "x", 1));
    void *pool = objc_autoreleasePoolPush();
    assert_ok(make(&loader, &(abx_boot_config){ .kernel = r->kernel, .initrd = initrd, .cmdline = "console=hvc0" }));
    assert_true(is_kind(loader, "VZLinuxBootLoader"));
    assert_string_equal(get_text(get_object(loader, "kernelURL"), "path"), r->kernel);
    assert_string_equal(get_text(get_object(loader, "initialRamdiskURL"), "path"), initrd);
    assert_string_equal(get_text(loader, "commandLine"), "console=hvc0");
    objc_autoreleasePoolPop(pool);
}

static void a_kernel_alone(void **state)
{
    rig *r = *state;
    id loader;
    void *pool = objc_autoreleasePoolPush();
    assert_ok(make(&loader, &(abx_boot_config){ .kernel = r->kernel }));
    assert_null(get_object(loader, "initialRamdiskURL"));
    objc_autoreleasePoolPop(pool);
}

static void compressed_kernels_are_refused(void **state)
{
    rig *r = *state;
    id loader = NULL;
    void *pool = objc_autoreleasePoolPush();
    rig_file(r, "kernel", "\x1f\x8b\x08\0 and more", 12);
    assert_status(make(&loader, &(abx_boot_config){ .kernel = r->kernel }), ABX_ERR_FORMAT);
    assert_message("unpack it");
    rig_file(r, "kernel", "MZ\0\0zimg and more", 16);
    assert_status(make(&loader, &(abx_boot_config){ .kernel = r->kernel }), ABX_ERR_FORMAT);
    assert_null(loader);
    objc_autoreleasePoolPop(pool);
}

static void what_is_not_there(void **state)
{
    rig *r = *state;
    id loader = NULL;
    void *pool = objc_autoreleasePoolPush();
    assert_status(make(&loader, &(abx_boot_config){ .kernel = "/nonexistent" }), ABX_ERR_NOT_FOUND);
    assert_message("open kernel /nonexistent");
    assert_status(make(&loader, &(abx_boot_config){ .kernel = r->folder }), ABX_ERR_FORMAT);
    assert_status(make(&loader, &(abx_boot_config){ .kernel = r->kernel, .initrd = "/nonexistent" }),
                  ABX_ERR_NOT_FOUND);
    assert_message("open initrd /nonexistent");
    assert_status(make(&loader, &(abx_boot_config){ .kernel = r->kernel, .cmdline = "\xff" }), ABX_ERR_INVALID);
    assert_null(loader);
    objc_autoreleasePoolPop(pool);
}

static void a_variable_store_is_made_and_opened_again(void **state)
{
    rig *r = *state;
    char path[64];
    struct stat file;
    snprintf(path, sizeof(path), "%s", rig_path(r, "efi"));
    for (int round = 0; round < 2; round++) {
        id loader;
        void *pool = objc_autoreleasePoolPush();
        assert_ok(make(&loader, &(abx_boot_config){ .efi_variables = path }));
        assert_true(is_kind(loader, "VZEFIBootLoader"));
        assert_string_equal(get_text(get_object(get_object(loader, "variableStore"), "URL"), "path"), path);
        objc_autoreleasePoolPop(pool);
        assert_int_equal(stat(path, &file), 0);
    }
}

static void a_variable_store_that_cannot_be(void **state)
{
    rig *r = *state;
    id loader = NULL;
    void *pool = objc_autoreleasePoolPush();
    assert_status(make(&loader, &(abx_boot_config){ .efi_variables = "/nonexistent/efi" }), ABX_ERR_SYSTEM);
    assert_message("open the EFI variable store");
    assert_status(make(&loader, &(abx_boot_config){ .efi_variables = r->folder }), ABX_ERR_SYSTEM);
    assert_status(make(&loader, &(abx_boot_config){ .efi_variables = "/dev/null/efi" }), ABX_ERR_SYSTEM);
    assert_status(make(&loader, &(abx_boot_config){ .efi_variables = "/nonexistent/\xff" }), ABX_ERR_INVALID);
    assert_null(loader);
    objc_autoreleasePoolPop(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(a_kernel_with_all_that_belongs_to_it),
        rig_test(a_kernel_alone),
        rig_test(compressed_kernels_are_refused),
        rig_test(what_is_not_there),
        rig_test(a_variable_store_is_made_and_opened_again),
        rig_test(a_variable_store_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
