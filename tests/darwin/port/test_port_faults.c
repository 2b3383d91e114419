/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Every system call of these files fails in turn: outputs stay as they were and no descriptor is left. */
#include "../../unit/core/cmocka_all.h"
#include "cli_os.h"
#include "memory_os.h"
#include "ready.h"
#include "signals.h"
#include "wakeup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

static int countdown;
static bool failed;

static bool fails(int error)
{
    if (countdown == 0 || --countdown > 0)
        return false;
    failed = true;
    errno = error;
    return true;
}

int __real_pipe(int ends[2]);
int __wrap_pipe(int ends[2]);
int __wrap_pipe(int ends[2])
{
    return fails(EMFILE) ? -1 : __real_pipe(ends);
}

int __real_fcntl64(int fd, int command, ...);
int __wrap_fcntl64(int fd, int command, ...);
int __wrap_fcntl64(int fd, int command, ...)
{
    va_list arguments;
    va_start(arguments, command);
    int argument = va_arg(arguments, int);
    va_end(arguments);
    return fails(EBADF) ? -1 : __real_fcntl64(fd, command, argument);
}

int __real_shm_open(const char *name, int flags, mode_t mode);
int __wrap_shm_open(const char *name, int flags, mode_t mode);
int __wrap_shm_open(const char *name, int flags, mode_t mode)
{
    return fails(EMFILE) ? -1 : __real_shm_open(name, flags, mode);
}

int __real_ftruncate64(int fd, off_t length);
int __wrap_ftruncate64(int fd, off_t length);
int __wrap_ftruncate64(int fd, off_t length)
{
    return fails(ENOSPC) ? -1 : __real_ftruncate64(fd, length);
}

int __real_sigaction(int number, const struct sigaction *action, struct sigaction *before);
int __wrap_sigaction(int number, const struct sigaction *action, struct sigaction *before);
int __wrap_sigaction(int number, const struct sigaction *action, struct sigaction *before)
{
    return fails(EINVAL) ? -1 : __real_sigaction(number, action, before);
}

static int descriptors(void)
{
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

/* Each gives true when it has succeeded, and then gives back what it got. */

static bool open_ready(void)
{
    abx_ready ready = { -7, -7 };
    if (abx_ready_open(&ready) == ABX_OK) {
        abx_ready_close(&ready);
        return true;
    }
    assert_true(abx_last_error()->os_error != 0);
    assert_int_equal(ready.read_fd, -7);
    assert_int_equal(ready.write_fd, -7);
    return false;
}

static bool open_wakeup(void)
{
    abx_wakeup wakeup = { -7, -7 };
    if (abx_wakeup_open(&wakeup) == ABX_OK) {
        abx_wakeup_close(&wakeup);
        return true;
    }
    assert_true(abx_last_error()->os_error != 0);
    assert_int_equal(wakeup.fd, -7);
    assert_int_equal(wakeup.raise_fd, -7);
    return false;
}

static bool open_pipe(void)
{
    int ends[2] = { -7, -7 };
    if (cli_os_pipe(ends) == 0) {
        close(ends[0]);
        close(ends[1]);
        return true;
    }
    assert_int_equal(ends[0], -7);
    assert_int_equal(ends[1], -7);
    return false;
}

static bool open_signals(void)
{
    int signals = cli_signals_open();
    countdown = 0; /* closing them does not fail */
    cli_signals_close(signals);
    return signals >= 0;
}

static bool open_memory(void)
{
    int fd = abx_memory_os_file(16384, ABX_HUGE_NONE);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* Without an error for it: it only has to be there. */
int minherit(void *address, size_t length, int inherit)
{
    (void)address;
    (void)length;
    (void)inherit;
    return 0;
}

static void nothing_is_left_of_what_failed(void **state)
{
    (void)state;
    static bool (*const operations[])(void) = { open_ready, open_wakeup, open_pipe, open_signals, open_memory };
    static const int calls[] = { 5, 5, 3, 8, 2 };
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        int before = descriptors();
        int n = 0;
        do {
            countdown = ++n;
            failed = false;
            bool done = operations[i]();
            countdown = 0;
            assert_int_equal(done, !failed);
            assert_int_equal(descriptors(), before);
        } while (failed);
        assert_int_equal(n, calls[i] + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_is_left_of_what_failed) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
