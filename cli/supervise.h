/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The main thread while a machine runs: one poll over keyboard, signals, events and the time limit. */
#ifndef ABX_CLI_SUPERVISE_H
#define ABX_CLI_SUPERVISE_H

#include "console.h"
#include "event_log.h"

#include <arcbox/machine.h>

typedef enum cli_supervision {
    CLI_SUPERVISION_ENDED,   /* `*result` says how */
    CLI_SUPERVISION_TIMEOUT, /* it was stopped for that */
    CLI_SUPERVISION_FAILED,  /* said why */
} cli_supervision;

typedef struct cli_limits {
    int timeout_ms;      /* how long the machine may run; -1: for ever */
    int stop_timeout_ms; /* how long a guest that is asked to end may take; 0: it is not asked */
} cli_limits;

/* Stays with `machine`, which runs, until it has ended. A signal on `signals` and the escape key stop it; where the
 * guest is asked first, a second one stops it at once. */
cli_supervision cli_supervise(abx_machine *machine, cli_console *console, cli_event_log *log, int signals,
                              const cli_limits *limits, abx_machine_result *result);

#endif
