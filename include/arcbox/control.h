/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A socket by which other programs watch and steer a machine: JSON lines, described in docs/control.md.
 * libarcbox-vmm. */
#ifndef ARCBOX_CONTROL_H
#define ARCBOX_CONTROL_H

#include <arcbox/machine.h>

ABX_BEGIN_DECLS

/*
 * A console, serial or virtio, that several can use at once: what the guest says goes to one descriptor as ever, and to
 * every client that is attached by a control socket. What comes from the descriptor's side and from a client goes to
 * the guest as it comes.
 */
typedef struct abx_shared_console abx_shared_console;

/*
 * Makes one, in front of descriptors as abx_serial_config has them: `input_fd` may be -1, and `output_fd` as well. They
 * stay the caller's and must stay open until it is closed. A thread copies. An output that nobody reads holds up the
 * guest, as it does without a shared console; attached clients never do. On success `*out` is the caller's. Any thread.
 * Errors: ABX_ERR_INVALID, ABX_ERR_LIMIT, ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_shared_console_open(abx_shared_console **out, int input_fd, int output_fd) ABX_MUST_CHECK;

/* What the machine's serial port shall have in place of them. */
ABX_API abx_serial_config abx_shared_console_get_serial(const abx_shared_console *console);

/* Output that is still inside goes nowhere, and whoever waits for room goes on. Any thread. */
ABX_API void abx_shared_console_abandon(abx_shared_console *console);

/* Waits until all output has gone where it shall, unless it has been abandoned, and copies no more. After the machine
 * has ended, before its control socket is closed, so that attached clients get all of it. */
ABX_API void abx_shared_console_finish(abx_shared_console *console);

/* Finishes and ends it. After the machine and its control sockets are gone. NULL is allowed. */
ABX_API void abx_shared_console_close(abx_shared_console *console);

typedef struct abx_control_options {
    size_t size; /* set by ABX_CONTROL_OPTIONS_INIT */
    const char
        *path; /* of the socket; its folder, which is made if it is not there, must be the caller's alone: 0700 */
    abx_shared_console *console; /* for clients that attach; NULL: there is none. Closed after the control socket */
} abx_control_options;

#define ABX_CONTROL_OPTIONS_INIT                                                                                       \
    {                                                                                                                  \
        .size = sizeof(abx_control_options)                                                                            \
    }

typedef struct abx_control abx_control;

/*
 * Opens a control socket for `machine`, in the machine's event loop. The owner of the process and root may connect, at
 * most 32 clients at once. A socket that a dead process has left is replaced. On success `*out` is the caller's:
 * abx_control_close(), before the machine is destroyed. Any thread but the machine's own; where the caller turns the
 * loop, the thread that does. Errors: ABX_ERR_INVALID, ABX_ERR_LIMIT (the path is too long, or too many observe the
 * VM), ABX_ERR_PERMISSION (the folder is not the caller's alone), ABX_ERR_EXISTS (somebody listens there),
 * ABX_ERR_NOT_FOUND, ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_control_open(abx_control **out, abx_machine *machine,
                                    const abx_control_options *options) ABX_MUST_CHECK;

/* Tells the clients what they have not heard yet, as far as they take it at once, closes their connections and takes
 * the socket away. NULL is allowed. Threads as above. */
ABX_API void abx_control_close(abx_control *control);

ABX_END_DECLS

#endif
