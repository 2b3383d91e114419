/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The commands of abx, one file each. */
#ifndef ABX_CLI_COMMANDS_H
#define ABX_CLI_COMMANDS_H

#include "options.h"

extern const cli_command cli_bench;
extern const cli_command cli_info;
extern const cli_command cli_run;

#endif
