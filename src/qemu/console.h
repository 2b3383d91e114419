/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The relay between a serial port or a port of a console, a socket of QEMU's, and the caller's descriptors. QEMU does
 * not get those themselves: it would make them non-blocking for everybody who shares them, and stop the guest's output
 * at the end of its input. The relay is served by one thread, which waits for the descriptors with poll(2).
 */
#ifndef ABX_SRC_QEMU_CONSOLE_H
#define ABX_SRC_QEMU_CONSOLE_H

#include "parts.h"

#include <limits.h>
#include <poll.h>

/* Bytes on their way. More come in only when all have gone out. */
typedef struct abx_console_buffer {
    size_t start;
    size_t end;
    /* A pipe that is ready for writing takes PIPE_BUF bytes without blocking. */
    char bytes[PIPE_BUF];
} abx_console_buffer;

typedef struct abx_console {
    int guest_fd;     /* -1: the guest's side is closed */
    int input_fd;     /* the caller's; -1: none, or it has come to its end */
    int output_fd;    /* the caller's; -1: none, or nobody reads it any more: what the guest says is thrown away */
    int output_error; /* errno that ended the output, 0 for none */
    bool closes;      /* a named port with ends: closed to the guest when neither has anybody any more */
    bool closed;      /* … which has been done */
    abx_device_kind kind;
    uint32_t port; /* as abx_part.port */
    abx_console_buffer to_guest;
    abx_console_buffer from_guest;
} abx_console;

enum { ABX_CONSOLE_FDS = 3 };

/* Begins the relay of a part that has ends, with the guest behind `guest_fd`, a socket that the console keeps. */
void abx_console_init(abx_console *console, const abx_part *part, int guest_fd);
void abx_console_end(abx_console *console);

/* Fills in what to wait for: ABX_CONSOLE_FDS entries. */
void abx_console_prepare(const abx_console *console, struct pollfd *fds);

/* Moves what can be moved without waiting. `fds` as prepared, after poll(2). */
void abx_console_serve(abx_console *console, const struct pollfd *fds);

/*
 * For the time after the guest: reads no more input, and moves what the guest has still said. False when all of it has
 * gone out; else wait for the descriptor in `output`.
 */
bool abx_console_drain(abx_console *console, struct pollfd *output);

#endif
