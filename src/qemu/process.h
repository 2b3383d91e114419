/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A child process that cannot outlive us, leaves no zombie and gets nothing of ours but what it is given. */
#ifndef ABX_SRC_QEMU_PROCESS_H
#define ABX_SRC_QEMU_PROCESS_H

#include <arcbox/error.h>

#include <sys/types.h>

typedef struct abx_process {
    pid_t pid;
    int pid_fd;    /* readable when the process has ended */
    int output_fd; /* what it says on standard output and standard error; reading never blocks */
} abx_process;

/* How a process ended. */
typedef struct abx_process_end {
    enum {
        ABX_PROCESS_UNKNOWN = 0, /* the embedding program took its status away: it ignores or collects all children */
        ABX_PROCESS_EXITED,      /* `code`: exit status */
        ABX_PROCESS_KILLED,      /* `code`: signal */
    } how;
    int code;
} abx_process_end;

/*
 * Starts the program at `path`, in a session of its own, with empty standard input, our environment, default signal
 * dispositions but for the ignored ones, and of our descriptors only the `count` in `fds`, under the same numbers (none
 * of them below 3). It is killed when the calling thread ends: that thread has to live as long as the process may.
 * On success the caller owes abx_process_wait().
 * Errors: ABX_ERR_NOT_FOUND, ABX_ERR_PERMISSION, ABX_ERR_LIMIT, ABX_ERR_NO_MEMORY, ABX_ERR_BUSY, ABX_ERR_SYSTEM.
 */
abx_status abx_process_spawn(abx_process *process, const char *path, char *const argv[], const int *fds, size_t count);

/* Kills it at once; nothing happens if it has ended. Any thread, before abx_process_wait(). */
void abx_process_kill(const abx_process *process);

/* The CPU time that it has taken, in nanoseconds. Returns 0 or an errno. Any thread, before abx_process_wait(). */
int abx_process_cpu_time(const abx_process *process, uint64_t *nanoseconds);

/* Waits for its end, collects it and closes the descriptors. */
abx_process_end abx_process_wait(abx_process *process);

#endif
