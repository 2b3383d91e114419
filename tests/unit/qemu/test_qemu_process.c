/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "qemu_test.h"

#include "qemu/descriptors.h"
#include "qemu/process.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static abx_process start_shell(const char *script, const int *fds, size_t count)
{
    char *const argv[] = { "sh", "-c", (char *)(uintptr_t)script, NULL };
    abx_process process;
    assert_ok(abx_process_spawn(&process, "/bin/sh", argv, fds, count));
    return process;
}

/* All that the script prints. */
static abx_process_end run_shell(const char *script, const int *fds, size_t count, char *said, size_t size)
{
    abx_process process = start_shell(script, fds, count);
    size_t length = 0;
    for (;;) {
        assert_true(wait_until_readable(process.output_fd));
        ssize_t more = read(process.output_fd, said + length, size - 1 - length);
        assert_true(more >= 0 || errno == EINTR);
        if (more == 0)
            break;
        length += more > 0 ? (size_t)more : 0;
    }
    said[length] = '\0';
    return abx_process_wait(&process);
}

static void test_exit_status_and_output(void **state)
{
    (void)state;
    char said[256];
    abx_process_end end = run_shell("echo out; echo err >&2; exit 42", NULL, 0, said, sizeof(said));
    assert_int_equal(end.how, ABX_PROCESS_EXITED);
    assert_int_equal(end.code, 42);
    assert_string_equal(said, "out\nerr\n");
    assert_no_children();
}

static void test_cpu_time(void **state)
{
    (void)state;
    uint64_t before = 0, after = 0;
    abx_process process = start_shell("echo; exec sleep 1000", NULL, 0);
    assert_true(wait_until_readable(process.output_fd));
    assert_int_equal(abx_process_cpu_time(&process, &before), 0);
    assert_true(before > 0);
    abx_process_kill(&process);
    assert_true(wait_until_readable(process.pid_fd));
    /* It has ended, and is not collected yet. */
    assert_int_equal(abx_process_cpu_time(&process, &after), 0);
    assert_true(after >= before);
    abx_process_wait(&process);
}

static void test_kill(void **state)
{
    (void)state;
    abx_process process = start_shell("exec sleep 1000", NULL, 0);
    abx_process_kill(&process);
    assert_true(wait_until_readable(process.pid_fd));
    abx_process_kill(&process);
    abx_process_end end = abx_process_wait(&process);
    assert_int_equal(end.how, ABX_PROCESS_KILLED);
    assert_int_equal(end.code, SIGKILL);
    assert_no_children();
}

static void test_what_cannot_be_run(void **state)
{
    (void)state;
    char *const argv[] = { "x", NULL };
    abx_process process;
    size_t descriptors = count_descriptors();
    assert_status(abx_process_spawn(&process, "/nonexistent", argv, NULL, 0), ABX_ERR_NOT_FOUND);
    assert_int_equal(abx_last_error()->os_error, ENOENT);
    assert_status(abx_process_spawn(&process, "/dev/null", argv, NULL, 0), ABX_ERR_PERMISSION);
    int bad = 12345;
    assert_status(abx_process_spawn(&process, "/bin/true", argv, &bad, 1), ABX_ERR_SYSTEM);
    assert_int_equal(abx_last_error()->os_error, EBADF);
    assert_int_equal(count_descriptors(), descriptors);
    assert_no_children();
}

static void test_only_given_descriptors_go_along(void **state)
{
    (void)state;
    char said[512];
    int given[2];
    assert_int_equal(abx_open_pipe(given), 0);
    /* Not close-on-exec, as careless programs leave them. */
    int careless = open("/dev/null", O_RDONLY);
    assert_true(careless >= 0);
    run_shell("cd /proc/self/fd && for f in *; do [ -e $f ] && echo $f; done", given, 2, said, sizeof(said));
    char expected[64];
    snprintf(expected, sizeof(expected), "0\n1\n2\n%d\n%d\n", given[0], given[1]);
    assert_string_equal(said, expected);
    assert_int_equal(fcntl(given[0], F_GETFD), FD_CLOEXEC);
    run_shell("readlink /proc/self/fd/0", NULL, 0, said, sizeof(said));
    assert_string_equal(said, "/dev/null\n");
    close(careless);
    abx_close_pair(given);
}

static void on_signal(int number)
{
    (void)number;
}

/* The value of a line of /proc/self/status, as the program sees it. */
static unsigned long long ask_status(const char *name)
{
    char script[128];
    char said[256];
    snprintf(script, sizeof(script), "while read -r n v; do [ $n != %s: ] || echo $v; done </proc/self/status", name);
    run_shell(script, NULL, 0, said, sizeof(said));
    return strtoull(said, NULL, 16);
}

static void test_signals_are_as_in_a_fresh_program(void **state)
{
    (void)state;
    sigset_t blocked;
    sigset_t before;
    sigset_t after;
    struct sigaction action;
    sigfillset(&blocked);
    signal(SIGUSR1, on_signal);
    signal(SIGUSR2, SIG_IGN);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    assert_int_equal(ask_status("SigBlk"), 0);
    assert_int_equal(ask_status("SigIgn") & (1u << (SIGUSR1 - 1)), 0);
    assert_int_equal(ask_status("SigIgn") & (1u << (SIGUSR2 - 1)), 1u << (SIGUSR2 - 1));
    pthread_sigmask(SIG_SETMASK, &before, &after);
    assert_int_equal(sigismember(&after, SIGUSR1), 1);
    /* Ours are untouched. */
    sigaction(SIGUSR1, NULL, &action);
    assert_true(action.sa_handler == on_signal);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGUSR2, SIG_DFL);
}

static void test_a_session_of_its_own(void **state)
{
    (void)state;
    char said[256];
    run_shell("read -r line </proc/self/stat; set -- $line; echo $6; echo $$", NULL, 0, said, sizeof(said));
    char *end;
    long session = strtol(said, &end, 10);
    assert_int_equal(session, strtol(end, NULL, 10));
    assert_int_not_equal(session, getsid(0));
}

static void test_the_environment_is_ours(void **state)
{
    (void)state;
    char said[64];
    setenv("ABX_TEST_VALUE", "seen", 1);
    run_shell("echo $ABX_TEST_VALUE", NULL, 0, said, sizeof(said));
    assert_string_equal(said, "seen\n");
    unsetenv("ABX_TEST_VALUE");
}

/* Starts a process, tells its pid, and is killed without a chance to clean up. */
static void start_and_die(int report)
{
    abx_process process = start_shell("exec sleep 1000", NULL, 0);
    if (write(report, &process.pid, sizeof(process.pid)) != (ssize_t)sizeof(process.pid))
        _exit(1);
    kill(getpid(), SIGKILL);
}

static void test_it_does_not_outlive_us(void **state)
{
    (void)state;
    int report[2];
    pid_t grandchild = 0;
    assert_int_equal(abx_open_pipe(report), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        start_and_die(report[1]);
    close(report[1]);
    assert_int_equal(read(report[0], &grandchild, sizeof(grandchild)), sizeof(grandchild));
    close(report[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_true(wait_until_gone(grandchild));
}

static void *start_and_leave(void *context)
{
    *(abx_process *)context = start_shell("exec sleep 1000", NULL, 0);
    return NULL;
}

static void test_it_ends_with_its_thread(void **state)
{
    (void)state;
    abx_process process;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, start_and_leave, &process), 0);
    pthread_join(thread, NULL);
    assert_true(wait_until_readable(process.pid_fd));
    abx_process_end end = abx_process_wait(&process);
    assert_int_equal(end.how, ABX_PROCESS_KILLED);
    assert_no_children();
}

/* A program that wants to hear nothing of its children. */
static void test_somebody_else_collects_the_children(void **state)
{
    (void)state;
    signal(SIGCHLD, SIG_IGN);
    abx_process process = start_shell("exit 3", NULL, 0);
    assert_true(wait_until_readable(process.pid_fd));
    abx_process_end end = abx_process_wait(&process);
    assert_int_equal(end.how, ABX_PROCESS_UNKNOWN);
    signal(SIGCHLD, SIG_DFL);
    assert_no_children();
}

static void test_standard_descriptors_closed(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char said[64];
        char *const argv[] = { "sh", "-c", "echo fine", NULL };
        abx_process process;
        close(0);
        close(1);
        close(2);
        if (abx_process_spawn(&process, "/bin/sh", argv, NULL, 0) != ABX_OK)
            _exit(1);
        bool readable = wait_until_readable(process.output_fd);
        ssize_t length = read(process.output_fd, said, sizeof(said));
        abx_process_wait(&process);
        _exit(readable && length == 5 && memcmp(said, "fine\n", 5) == 0 ? 0 : 2);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exit_status_and_output),
        cmocka_unit_test(test_cpu_time),
        cmocka_unit_test(test_kill),
        cmocka_unit_test(test_what_cannot_be_run),
        cmocka_unit_test(test_only_given_descriptors_go_along),
        cmocka_unit_test(test_signals_are_as_in_a_fresh_program),
        cmocka_unit_test(test_a_session_of_its_own),
        cmocka_unit_test(test_the_environment_is_ours),
        cmocka_unit_test(test_it_does_not_outlive_us),
        cmocka_unit_test(test_it_ends_with_its_thread),
        cmocka_unit_test(test_somebody_else_collects_the_children),
        cmocka_unit_test(test_standard_descriptors_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
