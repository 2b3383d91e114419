/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The commands of abx, one file each. */
#ifndef ABX_CLI_COMMANDS_H
#define ABX_CLI_COMMANDS_H

#include "options.h"

extern const cli_command cli_attach;
extern const cli_command cli_balloon;
extern const cli_command cli_bench;
extern const cli_command cli_events;
extern const cli_command cli_info;
extern const cli_command cli_metrics;
extern const cli_command cli_pause;
extern const cli_command cli_ps;
extern const cli_command cli_resume;
extern const cli_command cli_run;
extern const cli_command cli_stop;
extern const cli_command cli_top;

#endif
