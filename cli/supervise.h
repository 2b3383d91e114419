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

/* Starts `machine` and stays with it until it has ended. A signal on `signals` and the escape key stop it.
 * `timeout_ms` -1: none. */
cli_supervision cli_supervise(abx_machine *machine, cli_console *console, cli_event_log *log, int signals,
                              int timeout_ms, abx_machine_result *result);

#endif
