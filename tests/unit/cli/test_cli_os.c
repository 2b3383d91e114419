/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "../core/cmocka_all.h"
#include "cli_os.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void both_ends_of_a_pipe_are_close_on_exec(void **state)
{
    (void)state;
    int ends[2];
    char byte = 0;
    assert_int_equal(cli_os_pipe(ends), 0);
    assert_int_equal(fcntl(ends[0], F_GETFD), FD_CLOEXEC);
    assert_int_equal(fcntl(ends[1], F_GETFD), FD_CLOEXEC);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_int_equal(byte, 'x');
    close(ends[0]);
    close(ends[1]);
}

static void without_descriptors_there_is_no_pipe(void **state)
{
    (void)state;
    struct rlimit saved, none;
    int ends[2] = { -7, -7 };
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &saved), 0);
    none = saved;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int result = cli_os_pipe(ends);
    int error = errno;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &saved), 0);
    assert_int_equal(result, -1);
    assert_int_equal(error, EMFILE);
    assert_int_equal(ends[0], -7);
}

static void the_null_device_is_known(void **state)
{
    (void)state;
    struct stat status;
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_int_equal(cli_os_null_device(), status.st_rdev);
}

int main(void)
{
    cli_os_begin();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends_of_a_pipe_are_close_on_exec),
        cmocka_unit_test(without_descriptors_there_is_no_pipe),
        cmocka_unit_test(the_null_device_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
