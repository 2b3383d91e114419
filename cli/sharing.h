/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What makes a machine with a name reachable while it runs: its control socket, and a console for several. */
#ifndef ABX_CLI_SHARING_H
#define ABX_CLI_SHARING_H

#include <arcbox/control.h>

typedef struct cli_sharing {
    abx_shared_console *console;
    abx_control *control;
} cli_sharing;

/* Shares a console between the two descriptors and clients; `serial` has them, and gets what the machine shall use.
 * False: said why. */
bool cli_sharing_begin(cli_sharing *sharing, abx_serial_config *serial);

/* Opens the socket of machine `name`, which has not started. False: said why. */
bool cli_sharing_open(cli_sharing *sharing, abx_machine *machine, const char *name);

/* The machine has ended, by force or not: what it said comes out, and the socket goes. */
void cli_sharing_close(cli_sharing *sharing, bool by_force);

/* After the machine is gone. */
void cli_sharing_end(cli_sharing *sharing);

#endif
