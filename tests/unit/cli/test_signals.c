/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "../core/cmocka_all.h"
#include "signals.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_readable(int fd)
{
    struct pollfd polled = { .fd = fd, .events = POLLIN };
    int count;
    do
        count = poll(&polled, 1, 0);
    while (count < 0);
    return count == 1 && polled.revents & POLLIN;
}

/* In a process of its own, whose exit status is the number of the step that failed. */
static int receive(int number)
{
    int signals = cli_signals_open();
    if (signals < 0 || !(fcntl(signals, F_GETFD) & FD_CLOEXEC))
        return 1;
    if (is_readable(signals))
        return 2;
    if (kill(getpid(), number) < 0 || !is_readable(signals))
        return 3;
    /* More of them than a pipe would hold. */
    for (int i = 0; i < 70000; i++)
        if (kill(getpid(), number) < 0)
            return 4;
    if (!is_readable(signals) || cli_signals_take(signals) != (number != SIGWINCH))
        return 5;
    cli_signals_close(signals);
    return fcntl(signals, F_GETFD) < 0 ? 0 : 6;
}

static void they_are_seen_and_do_nothing_else(void **state)
{
    (void)state;
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGWINCH };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        int status;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            _exit(receive(numbers[i]));
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

static void none_can_be_closed(void **state)
{
    (void)state;
    cli_signals_close(-1);
    assert_int_equal(fcntl(STDERR_FILENO, F_GETFD) & ~FD_CLOEXEC, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_seen_and_do_nothing_else),
        cmocka_unit_test(none_can_be_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
