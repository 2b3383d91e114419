/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/connection.h"
#include "model/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void the_duplicate_outlives_the_connection(void **state)
{
    (void)state;
    void *pool = objc_autoreleasePoolPush();
    abx_vz_fault fault;
    int ends[2], fd = -1;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    id connection = vz_make_connection(ends[0], 1, 2);
    assert_true(abx_vz_connection_take(connection, &fd, &fault));
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    objc_release(connection);
    objc_autoreleasePoolPop(pool);
    assert_int_equal(write(ends[1], "x", 1), 1);
    char byte = 0;
    assert_int_equal(read(fd, &byte, 1), 1);
    assert_int_equal(byte, 'x');
    close(fd);
    close(ends[1]);
}

static void a_closed_connection_is_lost(void **state)
{
    (void)state;
    void *pool = objc_autoreleasePoolPush();
    abx_vz_fault fault;
    int fd = 7;
    id connection = vz_make_connection(-1, 1, 2);
    assert_false(abx_vz_connection_take(connection, &fd, &fault));
    assert_status(fault.status, ABX_ERR_LOST);
    assert_int_equal(fault.os_error, EBADF);
    assert_int_equal(fd, 7);
    objc_release(connection);
    objc_autoreleasePoolPop(pool);
}

static void no_descriptor_is_left(void **state)
{
    (void)state;
    void *pool = objc_autoreleasePoolPush();
    abx_vz_fault fault;
    struct rlimit limit, none;
    int ends[2], fd = 7;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    id connection = vz_make_connection(ends[0], 1, 2);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    bool taken = abx_vz_connection_take(connection, &fd, &fault);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_false(taken);
    assert_true(fault.os_error == EMFILE || fault.os_error == EINVAL);
    objc_release(connection);
    objc_autoreleasePoolPop(pool);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(the_duplicate_outlives_the_connection),
        rig_test(a_closed_connection_is_lost),
        rig_test(no_descriptor_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
