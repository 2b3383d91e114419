/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "qemu_test.h"

#include "qemu/program.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/abx-program-XXXXXX"); /* NOLINT */
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

/* A file in the folder; its path until the next call. */
static const char *make_file(const char *name, const char *content, mode_t mode)
{
    static char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static void set_path(const char *format)
{
    char path[256];
    snprintf(path, sizeof(path), format, folder); /* NOLINT(clang-diagnostic-format-nonliteral) */
    setenv("PATH", path, 1);
}

static void test_versions(void **state)
{
    (void)state;
    abx_qemu_version version;
    assert_true(abx_program_parse_version(&version, "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)\nCopyright"));
    assert_int_equal(version.major, 7);
    assert_int_equal(version.minor, 2);
    assert_int_equal(version.micro, 22);
    assert_true(abx_program_parse_version(&version, "QEMU emulator version 10.0\n"));
    assert_int_equal(version.major, 10);
    assert_int_equal(version.micro, 0);

    static const char *const bad[] = { "",
                                       "QEMU emulator version ",
                                       "QEMU emulator version x.1.2",
                                       "QEMU emulator version 7",
                                       "QEMU emulator version 7.",
                                       "QEMU emulator version 7.2.",
                                       "some other version 7.2.0",
                                       "QEMU emulator version 99999999999999999999.1" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        version = (abx_qemu_version){ 1, 2, 3 };
        assert_false(abx_program_parse_version(&version, bad[i]));
        assert_int_equal(version.major, 1);
    }
}

static void test_too_old(void **state)
{
    (void)state;
    assert_status(abx_program_check(&(abx_qemu_version){ 5, 2, 0 }, "/bin/q"), ABX_ERR_NOT_SUPPORTED);
    assert_non_null(strstr(abx_last_error()->message, "5.2.0"));
    assert_non_null(strstr(abx_last_error()->advice, "6.0"));
    assert_non_null(strstr(abx_last_error()->advice, "qemu-system-x86"));
    assert_status(abx_program_check(&(abx_qemu_version){ 5, 2, 0 }, "/bin/qemu-system-aarch64"), ABX_ERR_NOT_SUPPORTED);
    assert_non_null(strstr(abx_last_error()->advice, "qemu-system-arm"));
    assert_status(abx_program_check(&(abx_qemu_version){ 5, 2, 0 }, "/arm/qemu-system-x86_64"), ABX_ERR_NOT_SUPPORTED);
    assert_non_null(strstr(abx_last_error()->advice, "qemu-system-x86"));
    assert_ok(abx_program_check(&(abx_qemu_version){ 6, 0, 0 }, "/bin/q"));
    assert_ok(abx_program_check(&(abx_qemu_version){ 10, 0, 2 }, "/bin/q"));
}

static void test_found_in_path(void **state)
{
    (void)state;
    char expected[128];
    char *path = NULL;
    make_file("plain-file", "", 0644);
    snprintf(expected, sizeof(expected), "%s", make_file("tool", "#!/bin/sh\n", 0755));
    static const char *const paths[] = { "%s", "/nonexistent:%s:/bin", ":%s:", "::%s" };
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        set_path(paths[i]);
        assert_ok(abx_program_find(&path, "tool"));
        assert_string_equal(path, expected);
        free(path);
    }
}

static void test_not_found_in_path(void **state)
{
    (void)state;
    char *path = NULL;
    set_path("%s");
    make_file("plain-file", "", 0644);
    assert_status(abx_program_find(&path, "plain-file"), ABX_ERR_NOT_FOUND);
    assert_status(abx_program_find(&path, "qemu-system-x86_64"), ABX_ERR_NOT_FOUND);
    assert_non_null(strstr(abx_last_error()->advice, "qemu-system-x86"));
    assert_status(abx_program_find(&path, "qemu-system-aarch64"), ABX_ERR_NOT_FOUND);
    assert_non_null(strstr(abx_last_error()->advice, "qemu-system-arm"));
    assert_null(abx_program_look_up("qemu-system-aarch64"));
    assert_null(path);
}

/* What lies in the current folder is not taken, however PATH is written. */
static void test_the_current_folder_is_not_searched(void **state)
{
    (void)state;
    char *path = NULL;
    make_file("lurker", "#!/bin/sh\n", 0755);
    assert_int_equal(chdir(folder), 0);
    static const char *const paths[] = { "", ":", "::/nonexistent:" };
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        setenv("PATH", paths[i], 1);
        assert_status(abx_program_find(&path, "lurker"), ABX_ERR_NOT_FOUND);
    }
    assert_int_equal(chdir("/"), 0);
}

static void test_by_path(void **state)
{
    (void)state;
    char *path = NULL;
    const char *tool = make_file("tool", "#!/bin/sh\n", 0755);
    assert_ok(abx_program_find(&path, tool));
    assert_string_equal(path, tool);
    free(path);
    path = NULL;
    assert_status(abx_program_find(&path, "/nonexistent/qemu"), ABX_ERR_NOT_FOUND);
    assert_status(abx_program_find(&path, folder), ABX_ERR_PERMISSION);
    assert_status(abx_program_find(&path, make_file("plain-file", "", 0644)), ABX_ERR_PERMISSION);
    assert_null(path);
}

static abx_status ask(const char *script, abx_qemu_version *version)
{
    return abx_program_version(version, make_file("fake", script, 0755));
}

static void test_asking_for_the_version(void **state)
{
    (void)state;
    abx_qemu_version version;
    setenv("PATH", "/usr/bin:/bin", 1);
    assert_ok(ask("#!/bin/sh\n[ \"$*\" = --version ] && echo QEMU emulator version 8.1.3\n", &version));
    assert_int_equal(version.major, 8);
    assert_int_equal(version.minor, 1);
    assert_int_equal(version.micro, 3);
    assert_status(ask("#!/bin/sh\necho hello\n", &version), ABX_ERR_NOT_SUPPORTED);
    assert_status(ask("#!/bin/sh\nexit 1\n", &version), ABX_ERR_NOT_SUPPORTED);
    assert_status(ask("#!/bin/sh\nwhile :; do echo endless; done\n", &version), ABX_ERR_NOT_SUPPORTED);
    assert_status(ask("#!/nonexistent/shell\n", &version), ABX_ERR_NOT_FOUND);
    assert_no_children();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_too_old),
        cmocka_unit_test(test_found_in_path),
        cmocka_unit_test(test_not_found_in_path),
        cmocka_unit_test(test_the_current_folder_is_not_searched),
        cmocka_unit_test(test_by_path),
        cmocka_unit_test(test_asking_for_the_version),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
