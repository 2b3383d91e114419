/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Standard input on its way to the guest: straight, or through us when it is a terminal with an escape key. */
#ifndef ABX_CLI_CONSOLE_H
#define ABX_CLI_CONSOLE_H

#include "terminal.h"

typedef struct cli_console {
    cli_terminal terminal;
    int guest_input; /* what the serial port reads; -1 for nothing */
    int device;      /* the index of the virtio console that has these ends; -1: there is none */
    int relay;       /* where typed bytes are put, when it is a terminal; otherwise -1 */
} cli_console;

/* Opens it; with `wanted` false there is no input. False: said why. */
bool cli_console_open(cli_console *console, bool wanted);

/* Puts the terminal back. The guest's end stays open until cli_console_close() is called after the machine is gone. May
 * be called twice. */
void cli_console_restore(cli_console *console);
void cli_console_close(cli_console *console);

/* Moves what was typed to the guest. False when the user wants to end the machine, or standard input ended. */
bool cli_console_relay(cli_console *console);

#endif
