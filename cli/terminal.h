/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The terminal as the guest's serial console: raw, with an escape key, and back to what it was whatever happens. */
#ifndef ABX_CLI_TERMINAL_H
#define ABX_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Ctrl-A, then x, ends the machine; Ctrl-A twice sends one Ctrl-A. */
enum { TERMINAL_ESCAPE = 0x01 };

typedef struct cli_terminal {
    int guardian; /* writing end of a pipe: when it closes, a child of ours puts the terminal back, should we be killed
                   */
    pid_t child;  /* that child */
    bool raw;
    bool escaped; /* the escape key was the last one */
} cli_terminal;

/*
 * Makes the terminal on `fd` raw. A descriptor that is no terminal is left alone: `terminal->raw` says which. False
 * (said why) when the terminal cannot be set.
 */
bool cli_terminal_open(cli_terminal *terminal, int fd);

/* The size of the terminal on standard input in characters; zeros: it is none. */
void cli_terminal_size(uint16_t *columns, uint16_t *rows);

/* Puts it back. */
void cli_terminal_close(cli_terminal *terminal);

/*
 * Takes the escape sequences out of `length` typed bytes, in place, and returns how many are left for the guest. `*end`
 * is set when the user wants to end the machine.
 */
size_t cli_terminal_filter(cli_terminal *terminal, char *bytes, size_t length, bool *end);

#endif
