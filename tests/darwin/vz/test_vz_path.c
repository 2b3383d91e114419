/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/path.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static abx_status use(rig *r, const char *name, int flags, mode_t type, int *fd)
{
    id url = NULL;
    void *pool = objc_autoreleasePoolPush();
    abx_status status = abx_vz_path_url(&url, rig_path(r, name), "thing", flags, type, 0, fd);
    if (status == ABX_OK)
        assert_string_equal(get_text(url, "path"), rig_path(r, name));
    else
        assert_null(url);
    objc_autoreleasePoolPop(pool);
    return status;
}

static void files_and_folders(void **state)
{
    rig *r = *state;
    size_t before = count_descriptors();
    assert_ok(use(r, "kernel", O_RDONLY, S_IFREG, NULL));
    assert_ok(use(r, "", O_RDONLY, S_IFDIR, NULL));
    assert_int_equal(count_descriptors(), before);
}

static void the_descriptor_is_the_callers(void **state)
{
    int fd = -1;
    assert_ok(use(*state, "kernel", O_RDONLY, S_IFREG, &fd));
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(close(fd), 0);
}

static void what_is_missing_or_of_another_type(void **state)
{
    rig *r = *state;
    int fd = -1;
    size_t before = count_descriptors();
    assert_status(use(r, "nothing", O_RDONLY, S_IFREG, &fd), ABX_ERR_NOT_FOUND);
    assert_message("open thing /tmp/");
    assert_status(use(r, "", O_RDONLY, S_IFREG, &fd), ABX_ERR_FORMAT);
    assert_status(use(r, "kernel", O_RDONLY, S_IFDIR, &fd), ABX_ERR_FORMAT);
    assert_int_equal(mkfifo(rig_path(r, "fifo"), 0600), 0);
    assert_status(use(r, "fifo", O_RDONLY, S_IFREG, &fd), ABX_ERR_FORMAT);
    assert_int_equal(fd, -1);
    assert_int_equal(count_descriptors(), before);
}

static void paths_are_utf_8(void **state)
{
    rig *r = *state;
    int fd = -1;
    size_t before = count_descriptors();
    rig_file(r, "\xff", "", 0);
    assert_status(use(r, "\xff", O_RDONLY, S_IFREG, &fd), ABX_ERR_INVALID);
    assert_int_equal(count_descriptors(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(files_and_folders),
        rig_test(the_descriptor_is_the_callers),
        rig_test(what_is_missing_or_of_another_type),
        rig_test(paths_are_utf_8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
