/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "boot_test.h"

#include "boot/cache_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void test_makes_it_for_its_owner_only(void **state)
{
    (void)state;
    struct stat status;
    int folder = abx_cache_folder_open(scratch_path("a/b/c"));
    assert_true(folder >= 0);
    assert_int_equal(fstat(folder, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    assert_true(fcntl(folder, F_GETFD) & FD_CLOEXEC);
    close(folder);
    folder = abx_cache_folder_open(scratch_path("a/b/c"));
    assert_true(folder >= 0);
    close(folder);
}

static void test_default_place(void **state)
{
    (void)state;
    struct stat status;
    assert_int_equal(setenv("XDG_CACHE_HOME", scratch_path("xdg"), 1), 0);
    close(abx_cache_folder_open(NULL));
    assert_int_equal(stat(scratch_path("xdg/arcbox/kernels"), &status), 0);
    /* A relative one does not count. */
    assert_int_equal(setenv("XDG_CACHE_HOME", "xdg", 1), 0);
    assert_int_equal(setenv("HOME", scratch_path("home"), 1), 0);
    close(abx_cache_folder_open(NULL));
    assert_int_equal(stat(scratch_path("home/.cache/arcbox/kernels"), &status), 0);
    assert_int_equal(unsetenv("XDG_CACHE_HOME"), 0);
    close(abx_cache_folder_open(NULL));
    assert_int_equal(unsetenv("HOME"), 0);
    assert_int_equal(abx_cache_folder_open(NULL), -1);
}

static void test_does_without(void **state)
{
    (void)state;
    blob content = { 0 };
    char longer[5000];
    memset(longer, 'x', sizeof(longer));
    longer[0] = '/';
    longer[sizeof(longer) - 1] = '\0';
    assert_int_equal(abx_cache_folder_open(""), -1);
    assert_int_equal(abx_cache_folder_open(longer), -1);
    scratch_write("file", &content);
    assert_int_equal(abx_cache_folder_open(scratch_path("file")), -1);
    assert_int_equal(abx_cache_folder_open(scratch_path("file/below")), -1);
    assert_int_equal(abx_cache_folder_open("/proc/nothing/here"), -1);
}

static void test_refuses_one_that_others_may_write(void **state)
{
    (void)state;
    const char *path = scratch_path("open");
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(chmod(path, 0777), 0);
    assert_int_equal(abx_cache_folder_open(path), -1);
    assert_int_equal(chmod(path, 0770), 0);
    assert_int_equal(abx_cache_folder_open(path), -1);
    assert_int_equal(chmod(path, 0755), 0);
    int folder = abx_cache_folder_open(path);
    assert_true(folder >= 0);
    close(folder);
    if (geteuid() == 0) {
        assert_int_equal(chown(path, 12345, 0), 0);
        assert_int_equal(abx_cache_folder_open(path), -1);
    }
}

static void put(int folder, const char *name, time_t used)
{
    struct timespec times[2] = { { .tv_sec = used }, { .tv_sec = used } };
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(futimens(fd, times), 0);
    close(fd);
}

static bool is_there(int folder, const char *name)
{
    return faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void test_prunes(void **state)
{
    (void)state;
    int folder = abx_cache_folder_open(scratch_path("pruned"));
    time_t now = time(NULL);
    put(folder, "a.kernel", now - 500);
    put(folder, "b.kernel", now - 4000);
    put(folder, "c.kernel", now - 3000);
    put(folder, "d.kernel", now);
    put(folder, "e.new", now - 7200);
    put(folder, "f.new", now);
    put(folder, "notes", now - 100000);
    assert_int_equal(symlinkat("a.kernel", folder, "a.index"), 0);
    assert_int_equal(symlinkat("b.kernel", folder, "b.index"), 0);
    assert_int_equal(symlinkat("gone.kernel", folder, "gone.index"), 0);
    abx_cache_folder_prune(folder, 2);
    assert_true(is_there(folder, "a.kernel"));
    assert_false(is_there(folder, "b.kernel"));
    assert_false(is_there(folder, "c.kernel"));
    assert_true(is_there(folder, "d.kernel"));
    assert_false(is_there(folder, "e.new"));
    assert_true(is_there(folder, "f.new"));
    assert_true(is_there(folder, "notes"));
    assert_true(is_there(folder, "a.index"));
    assert_false(is_there(folder, "b.index"));
    assert_false(is_there(folder, "gone.index"));
    size_t descriptors = open_descriptors();
    abx_cache_folder_prune(folder, 2);
    assert_true(is_there(folder, "a.kernel"));
    assert_int_equal(open_descriptors(), descriptors);
    close(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_makes_it_for_its_owner_only),
        cmocka_unit_test(test_default_place),
        cmocka_unit_test(test_does_without),
        cmocka_unit_test(test_refuses_one_that_others_may_write),
        cmocka_unit_test(test_prunes),
    };
    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
