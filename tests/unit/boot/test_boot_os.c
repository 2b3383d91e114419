/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "boot_test.h"

#include "boot/boot_os.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void random_bytes_differ(void **state)
{
    (void)state;
    uint8_t first[256] = { 0 };
    uint8_t second[256] = { 0 };
    assert_true(abx_boot_os_random(first, sizeof(first)));
    assert_true(abx_boot_os_random(second, sizeof(second)));
    assert_memory_not_equal(first, second, sizeof(first));
}

static void a_scratch_file_has_no_name_and_takes_bytes(void **state)
{
    (void)state;
    char bytes[4] = "";
    struct stat status;
    int fd = abx_boot_os_scratch_file();
    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(status.st_nlink, 0);
    assert_int_equal(pwrite(fd, "abc", 3, 5000), 3);
    assert_int_equal(pread(fd, bytes, 3, 5000), 3);
    assert_string_equal(bytes, "abc");
    close(fd);
}

static void times_are_those_of_the_file(void **state)
{
    (void)state;
    struct stat status;
    int fd = abx_boot_os_scratch_file();
    const struct timespec times[2] = { { 1000, 5 }, { 2000, 7 } };
    assert_int_equal(futimens(fd, times), 0);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(abx_boot_os_modified(&status).tv_sec, 2000);
    assert_int_equal(abx_boot_os_modified(&status).tv_nsec, 7);
    assert_int_equal(abx_boot_os_changed(&status).tv_sec, status.st_ctime);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_bytes_differ),
        cmocka_unit_test(a_scratch_file_has_no_name_and_takes_bytes),
        cmocka_unit_test(times_are_those_of_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
