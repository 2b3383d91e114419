/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "wakeup.h"

#include <fcntl.h>
#include <poll.h>

static bool is_readable(const abx_wakeup *wakeup)
{
    struct pollfd polled = { .fd = wakeup->fd, .events = POLLIN };
    return poll(&polled, 1, 0) == 1;
}

static void it_is_readable_while_it_is_raised(void **state)
{
    (void)state;
    abx_wakeup wakeup;
    assert_int_equal(abx_wakeup_open(&wakeup), ABX_OK);
    assert_int_equal(fcntl(wakeup.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_false(is_readable(&wakeup));
    abx_wakeup_lower(&wakeup);
    for (int i = 0; i < 3; i++)
        abx_wakeup_raise(&wakeup);
    assert_true(is_readable(&wakeup));
    abx_wakeup_lower(&wakeup);
    assert_false(is_readable(&wakeup));
    abx_wakeup_close(&wakeup);
    assert_int_equal(wakeup.fd, -1);
    abx_wakeup_close(&wakeup);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(it_is_readable_while_it_is_raised) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
