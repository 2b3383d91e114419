/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Signals that a machine's run is about, as a descriptor for poll(2): signals_<system>.c. */
#ifndef ABX_CLI_SIGNALS_H
#define ABX_CLI_SIGNALS_H

#include <stdbool.h>

/*
 * A descriptor that is readable when SIGINT, SIGTERM, SIGHUP or SIGWINCH came, which do nothing else from now on. Once
 * in a process, before any other thread starts. -1: said why.
 */
int cli_signals_open(void);

/* Takes what came. True: something that ends the machine; false: only that the terminal's size changed. */
bool cli_signals_take(int signals);

/* Closes it, -1 being none. What the signals do from now on is not defined: for a process that is about to end. */
void cli_signals_close(int signals);

#endif
