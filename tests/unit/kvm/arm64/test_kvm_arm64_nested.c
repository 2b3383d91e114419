/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/nested.h"

#include "cmocka_kvm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TREE   "/sys/firmware/devicetree/base"
#define NODE   TREE "/hypervisor"
#define SMBIOS "/sys/class/dmi/id"

static char root[] = "/tmp/abx-nested-XXXXXX";
static const abx_nested_sources sources = { .root = root };

static const char *const folders[] = {
    "/sys", "/sys/firmware", "/sys/firmware/devicetree", TREE, NODE, "/sys/class", "/sys/class/dmi", SMBIOS,
};
static const char *const files[] = { NODE "/compatible", TREE "/compatible", SMBIOS "/sys_vendor",
                                     SMBIOS "/product_name" };
enum { FOLDERS = sizeof(folders) / sizeof(folders[0]), FILES = sizeof(files) / sizeof(files[0]) };

static const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof(path), "%s%s", root, name);
    return path;
}

static void write_file(const char *name, const char *bytes, size_t length)
{
    FILE *file = fopen(path_of(name), "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static int make_root(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(root));
    for (size_t i = 0; i < FOLDERS; i++)
        assert_int_equal(mkdir(path_of(folders[i]), 0700), 0);
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < FILES; i++)
        unlink(path_of(files[i]));
    return 0;
}

static int remove_root(void **state)
{
    remove_files(state);
    for (size_t i = FOLDERS; i-- > 0;)
        assert_int_equal(rmdir(path_of(folders[i])), 0);
    return rmdir(root);
}

static void expect(abx_nesting nesting, const char *signature)
{
    char found[16];
    memset(found, 'x', sizeof(found));
    assert_int_equal(abx_nested_host(&sources, found), nesting);
    assert_string_equal(found, signature);
}

static void nothing_said_is_nothing_known(void **state)
{
    (void)state;
    expect(ABX_NESTING_UNKNOWN, "");
    write_file(TREE "/compatible", "acme,board\0acme,soc", 20);
    write_file(SMBIOS "/sys_vendor", "Acme\n", 5);
    write_file(SMBIOS "/product_name", "Server 9\n", 9);
    expect(ABX_NESTING_UNKNOWN, "");
}

static void the_device_tree_tells(void **state)
{
    (void)state;
    write_file(TREE "/compatible", "acme,board\0linux,dummy-virt", 28);
    expect(ABX_NESTING_GUEST, "");
    write_file(NODE "/compatible", "linux,kvm", 10);
    expect(ABX_NESTING_GUEST, "linux,kvm");
    write_file(NODE "/compatible", "a\tvery,long-hypervisor-name", 28);
    expect(ABX_NESTING_GUEST, "avery,long-hype");
}

static void smbios_tells(void **state)
{
    (void)state;
    write_file(SMBIOS "/sys_vendor", "QEMU\n", 5);
    expect(ABX_NESTING_GUEST, "QEMU");
    write_file(SMBIOS "/sys_vendor", "Somebody\n", 9);
    write_file(SMBIOS "/product_name", "KVM Virtual Machine\n", 20);
    expect(ABX_NESTING_GUEST, "KVM Virtual Mac");
}

static void a_list_without_an_end_is_read_to_its_end(void **state)
{
    (void)state;
    char full[400];
    memset(full, 'a', sizeof(full));
    write_file(TREE "/compatible", full, sizeof(full));
    expect(ABX_NESTING_UNKNOWN, "");
}

static void the_technology_is_hardware(void **state)
{
    (void)state;
    bool hardware = false;
    assert_string_equal(abx_nested_technology(&sources, &hardware), "ARM64 EL2");
    assert_true(hardware);
    assert_non_null(abx_nested_technology(&sources, NULL));
    assert_non_null(abx_nested_obstacle(&sources));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(nothing_said_is_nothing_known, remove_files),
        cmocka_unit_test_teardown(the_device_tree_tells, remove_files),
        cmocka_unit_test_teardown(smbios_tells, remove_files),
        cmocka_unit_test_teardown(a_list_without_an_end_is_read_to_its_end, remove_files),
        cmocka_unit_test(the_technology_is_hardware),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
