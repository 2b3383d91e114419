/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * steps COMMAND...: runs COMMAND, a position-independent static program, one instruction at a time in all of its
 * threads, and prints where in the program it was: offsets from where it is loaded, in hexadecimal, each once and in
 * the order of their first execution. COMMAND gets no input and its output is thrown away. For tools/startup-order.
 */
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct range {
    uint64_t begin, end;
} range;

static pid_t spawn(char **command)
{
    pid_t child = fork();
    if (child < 0)
        err(1, "fork");
    if (child > 0)
        return child;
    int none = open("/dev/null", O_RDWR);
    if (dup2(none, STDIN_FILENO) < 0 || dup2(none, STDOUT_FILENO) < 0 || ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
        err(127, "prepare %s", command[0]);
    execv(command[0], command);
    err(127, "%s", command[0]);
}

/* Where the program's file is mapped. */
static range find_program(pid_t child, const char *program)
{
    char path[PATH_MAX], name[40];
    if (!realpath(program, path))
        err(1, "%s", program);
    snprintf(name, sizeof(name), "/proc/%d/maps", (int)child);
    FILE *maps = fopen(name, "re");
    if (!maps)
        err(1, "%s", name);
    range found = { 0, 0 };
    char line[PATH_MAX + 100];
    while (fgets(line, sizeof(line), maps)) {
        char *dash;
        uint64_t begin = strtoull(line, &dash, 16);
        if (!strstr(line, path) || *dash != '-')
            continue;
        if (!found.begin)
            found.begin = begin;
        found.end = strtoull(dash + 1, NULL, 16);
    }
    fclose(maps);
    if (!found.begin)
        errx(1, "%s is not mapped in its own process", program);
    return found;
}

static uint64_t program_counter(pid_t thread)
{
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, (void *)sizeof(info), &info) <= 0)
        return 0; /* it has just been killed */
    return info.instruction_pointer;
}

/* Fails for a thread that has just been killed. */
static void step(pid_t thread, int signal)
{
    ptrace(PTRACE_SINGLESTEP, thread, NULL, (void *)(intptr_t)signal);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        errx(2, "usage: steps COMMAND...");
    pid_t child = spawn(argv + 1);
    int status;
    if (waitpid(child, &status, 0) < 0 || !WIFSTOPPED(status))
        errx(1, "%s did not start", argv[1]);
    range program = find_program(child, argv[1]);
    bool *seen = calloc(program.end - program.begin, sizeof(*seen));
    if (!seen)
        err(1, "memory");
    if (ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)(PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL)) < 0)
        err(1, "ptrace");
    step(child, 0);
    for (;;) {
        pid_t thread = waitpid(-1, &status, __WALL);
        if (thread < 0)
            err(1, "wait");
        if (!WIFSTOPPED(status)) {
            if (thread == child)
                break;
            continue;
        }
        uint64_t at = program_counter(thread);
        if (at >= program.begin && at < program.end && !seen[at - program.begin]) {
            seen[at - program.begin] = true;
            printf("%" PRIx64 "\n", at - program.begin);
        }
        int signal = WSTOPSIG(status);
        step(thread, signal == SIGTRAP || signal == SIGSTOP ? 0 : signal); /* both are ours here */
    }
    free(seen);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}
