/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "bench_process.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static bool failed(const char *what)
{
    cli_complain("%s: %s", what, strerror(errno));
    return false;
}

/* Forks and executes `argv` with its standard output in a pipe, whose reading end is returned. */
static pid_t spawn(char *const argv[], bool traced, int *output)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        failed("pipe");
        return -1;
    }
    pid_t child = fork();
    if (child == 0) {
        int none = open("/dev/null", O_RDONLY);
        if (dup2(none, STDIN_FILENO) >= 0 && dup2(ends[1], STDOUT_FILENO) >= 0 &&
            (!traced || ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0))
            execv(argv[0], argv);
        _exit(127);
    }
    close(ends[1]);
    if (child < 0) {
        failed("fork");
        close(ends[0]);
        return -1;
    }
    *output = ends[0];
    return child;
}

static bool reap(pid_t child, const char *name)
{
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return failed("wait");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (WIFEXITED(status))
        cli_complain("%s ended with status %d", name, WEXITSTATUS(status));
    else
        cli_complain("%s ended by signal %d", name, WTERMSIG(status));
    return false;
}

/*
 * Whoever waits for a byte shall run as soon as it is there, also where the child could run on: on one processor that
 * would be measured as well, or not, by chance. Children do not inherit it. Without the right to it, it is left.
 */
static void run_first(bool on)
{
    const struct sched_param priority = { .sched_priority = on ? 1 : 0 };
    sched_setscheduler(0, (on ? SCHED_FIFO : SCHED_OTHER) | SCHED_RESET_ON_FORK, &priority);
}

bool bench_run_start(char *const argv[], bench_start *start)
{
    int output;
    run_first(true);
    uint64_t begin = now();
    pid_t child = spawn(argv, false, &output);
    if (child < 0) {
        run_first(false);
        return false;
    }
    char byte;
    ssize_t got = read(output, &byte, 1);
    uint64_t first = now();
    run_first(false);
    bool good = reap(child, argv[0]);
    uint64_t end = now();
    close(output);
    if (good && got != 1) {
        cli_complain("%s printed nothing", argv[0]);
        good = false;
    }
    if (good)
        *start = (bench_start){ first - begin, end - begin };
    return good;
}

bool bench_run_numbers(char *const argv[], uint64_t *numbers, size_t capacity, size_t *count)
{
    int output;
    pid_t child = spawn(argv, false, &output);
    if (child < 0)
        return false;
    size_t found = 0;
    FILE *lines = fdopen(output, "r");
    if (lines) {
        char line[32];
        while (found < capacity && fgets(line, sizeof(line), lines))
            numbers[found++] = strtoull(line, NULL, 10);
        fclose(lines);
    } else {
        close(output);
    }
    if (!reap(child, argv[0]))
        return false;
    *count = found;
    return true;
}

/* Waits for a stop of the traced child. */
static bool wait_stop(pid_t child, int *signal)
{
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return failed("wait");
    if (!WIFSTOPPED(status)) {
        cli_complain("the traced process ended early");
        return false;
    }
    *signal = WSTOPSIG(status);
    return true;
}

static bool resume(pid_t child, enum __ptrace_request how, int signal)
{
    if (ptrace(how, child, NULL, (void *)(intptr_t)signal) == 0)
        return true;
    return failed("ptrace");
}

/* Steps the child until it stops itself. */
static bool count_steps(pid_t child, uint64_t *steps)
{
    uint64_t count = 0;
    for (;;) {
        int signal;
        if (!resume(child, PTRACE_SINGLESTEP, 0) || !wait_stop(child, &signal))
            return false;
        if (signal == SIGSTOP)
            break;
        count++;
    }
    *steps = count;
    return true;
}

/* VmHWM of `child`, which has stopped. (The peak in rusage would count our own, from before execve.) */
static bool read_peak(pid_t child, uint64_t *kib)
{
    char path[40];
    snprintf(path, sizeof(path), "/proc/%d/status", (int)child);
    FILE *file = fopen(path, "re");
    if (!file)
        return failed(path);
    static const char name[] = "VmHWM:";
    char line[128];
    bool found = false;
    while (!found && fgets(line, sizeof(line), file))
        found = strncmp(line, name, sizeof(name) - 1) == 0;
    fclose(file);
    if (found)
        *kib = strtoull(line + sizeof(name) - 1, NULL, 10);
    else
        cli_complain("%s does not tell the peak", path);
    return found;
}

/* From the stop after execve to the stop at its end, where all of its memory is still there. */
static bool run_to_end(pid_t child, uint64_t *kib)
{
    int signal;
    if (!wait_stop(child, &signal))
        return false;
    if (ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)PTRACE_O_TRACEEXIT) < 0)
        return failed("ptrace");
    return resume(child, PTRACE_CONT, 0) && wait_stop(child, &signal) && read_peak(child, kib) &&
           resume(child, PTRACE_CONT, 0);
}

static bool trace(pid_t child, uint64_t *steps)
{
    int signal = SIGTRAP; /* the stop after execve */
    if (!wait_stop(child, &signal))
        return false;
    while (signal != SIGSTOP)
        if (!resume(child, PTRACE_CONT, signal == SIGTRAP ? 0 : signal) || !wait_stop(child, &signal))
            return false;
    return count_steps(child, &steps[0]) && count_steps(child, &steps[1]) && resume(child, PTRACE_CONT, 0);
}

/* Runs `argv` traced; `watch` follows it to where it may run on by itself, and tells what it saw. */
static bool run_traced(char *const argv[], bool (*watch)(pid_t, uint64_t *), uint64_t *seen)
{
    int output;
    pid_t child = spawn(argv, true, &output);
    if (child < 0)
        return false;
    bool good = watch(child, seen);
    if (!good)
        kill(child, SIGKILL);
    good = reap(child, argv[0]) && good;
    close(output);
    return good;
}

bool bench_run_peak(char *const argv[], uint64_t *kib)
{
    return run_traced(argv, run_to_end, kib);
}

bool bench_run_steps(char *const argv[], uint64_t steps[2])
{
    return run_traced(argv, trace, steps);
}
