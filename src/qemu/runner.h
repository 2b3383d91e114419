/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One QEMU process and the thread that looks after it: starts it, reads the protocol, relays the console, collects the
 * process and reports its end. The thread is the process's parent, so that QEMU dies with us, whatever we die of.
 */
#ifndef ABX_SRC_QEMU_RUNNER_H
#define ABX_SRC_QEMU_RUNNER_H

#include "ending.h"
#include "parts.h"
#include "qmp.h"

#include <arcbox/backend.h>

typedef struct abx_runner abx_runner;

typedef struct abx_runner_plan {
    const char *program;
    char *const *arguments;
    const int *qemu_fds; /* what QEMU gets; they stay the caller's */
    size_t qemu_fd_count;
    int qmp_fd;             /* our end of the protocol's connection */
    const abx_parts *parts; /* the configuration's */
    const int *console_fds; /* our end of each of them that is a port, -1 for none */
    abx_vm *vm;             /* gets the events */
} abx_runner_plan;

/*
 * Starts QEMU; it has not said anything yet. On success qmp_fd and console_fds are the runner's, and the caller owes
 * abx_runner_free(). Errors: those of abx_process_spawn() and abx_qmp_new(), ABX_ERR_LIMIT or ABX_ERR_BUSY (threads).
 */
abx_status abx_runner_new(abx_runner **out, const abx_runner_plan *plan);

/* The connection to QEMU, for commands. */
abx_qmp *abx_runner_qmp(abx_runner *runner);

/* Waits until the process has ended, at most `timeout_ms`, and says how; false when it has not. */
bool abx_runner_wait(abx_runner *runner, int timeout_ms, abx_ending *ending);

/* The CPU time that QEMU has taken, in nanoseconds. Errors: ABX_ERR_STATE (it has ended), ABX_ERR_SYSTEM. */
abx_status abx_runner_cpu_time(abx_runner *runner, uint64_t *nanoseconds);

/*
 * Makes QEMU quit, by force after `patience_ms`, and returns when it is gone and all events are posted. Output that
 * nobody takes is dropped. From now on its end is no news to the VM.
 */
void abx_runner_stop(abx_runner *runner, int patience_ms);

/* Kills QEMU if it is there still, and gives everything back. NULL is allowed. Makes no error record. */
void abx_runner_free(abx_runner *runner);

#endif
