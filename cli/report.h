/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What abx says to a person, and the exit codes that it says to a program. */
#ifndef ABX_CLI_REPORT_H
#define ABX_CLI_REPORT_H

#include <arcbox/error.h>

/* Exit codes of abx itself; even, because a debug-exit status is odd. Documented in abx-run(1). */
enum {
    CLI_EXIT_OK = 0,
    CLI_EXIT_USAGE = 2,
    CLI_EXIT_FAILED = 4,
    CLI_EXIT_GUEST_RESET = 120,
    CLI_EXIT_GUEST_PANIC = 122,
    CLI_EXIT_TIMEOUT = 124,
    CLI_EXIT_GUEST_FAULT = 126,
    CLI_EXIT_INTERRUPTED = 130,
};

/* "abx: …" and a newline on standard error. */
void cli_complain(const char *format, ...) ABX_PRINTF(1, 2);

/* Complains of this thread's last error. Returns CLI_EXIT_FAILED. */
int cli_complain_of_error(void);

#endif
