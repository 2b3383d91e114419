/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Events as JSON lines. */
#ifndef ABX_CLI_EVENT_LOG_H
#define ABX_CLI_EVENT_LOG_H

#include <arcbox/event.h>

#include <stdio.h>

typedef struct cli_event_log {
    FILE *file; /* NULL: events are read and thrown away */
    bool failed;
} cli_event_log;

/* Opens `path`: a file, "-" for standard output, NULL for none. False: said why. */
bool cli_event_log_open(cli_event_log *log, const char *path);

/* Writes all events that wait. */
void cli_event_log_drain(cli_event_log *log, abx_vm *vm);

/* False when something could not be written; said why. */
bool cli_event_log_close(cli_event_log *log);

#endif
