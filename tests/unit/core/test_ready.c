/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "ready.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>

static bool readable(const abx_ready *ready)
{
    struct pollfd poller = { .fd = ready->read_fd, .events = POLLIN };
    assert_true(poll(&poller, 1, 0) >= 0);
    return poller.revents & POLLIN;
}

static void it_follows_raise_and_lower(void **state)
{
    (void)state;
    abx_ready ready;
    assert_int_equal(abx_ready_open(&ready), ABX_OK);
    assert_false(readable(&ready));
    for (int i = 0; i < 3; i++) {
        abx_ready_raise(&ready);
        assert_true(readable(&ready));
        assert_true(readable(&ready));
        abx_ready_lower(&ready);
        assert_false(readable(&ready));
    }
    assert_int_not_equal(fcntl(ready.read_fd, F_GETFD) & FD_CLOEXEC, 0);
    abx_ready_close(&ready);
    assert_int_equal(ready.read_fd, -1);
}

static void no_descriptors_left(void **state)
{
    (void)state;
    struct rlimit saved, none;
    abx_ready ready = { -7, -7 };
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &saved), 0);
    none = saved;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    abx_status status = abx_ready_open(&ready);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &saved), 0);
    assert_int_equal(status, ABX_ERR_LIMIT);
    assert_int_equal(ready.read_fd, -7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_follows_raise_and_lower),
        cmocka_unit_test(no_descriptors_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
