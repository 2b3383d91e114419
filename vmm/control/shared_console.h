/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A shared console as a control socket sees it. */
#ifndef ABX_VMM_CONTROL_SHARED_CONSOLE_H
#define ABX_VMM_CONTROL_SHARED_CONSOLE_H

#include <arcbox/control.h>

#include <sys/types.h>

/* `notify` is called in the console's thread whenever the guest has said something: NULL ends that, and when this
 * returns it is not being called. One listener. */
void abx_shared_console_listen(abx_shared_console *console, void (*notify)(void *argument), void *argument);

/* How much the guest has said in all. */
uint64_t abx_shared_console_said(abx_shared_console *console);

/*
 * Copies what the guest said from `position` on, at most `size` bytes, and returns how much. SIZE_MAX: that is so long
 * ago that it is gone.
 */
size_t abx_shared_console_read(abx_shared_console *console, uint64_t position, void *buffer, size_t size);

/* Gives the guest input without waiting: as write(2). */
ssize_t abx_shared_console_write(abx_shared_console *console, const void *bytes, size_t count);

/* Writable when there is room for input. */
int abx_shared_console_input_fd(const abx_shared_console *console);

/* The errno for which the output was closed; 0. */
int abx_shared_console_fault(abx_shared_console *console);

#endif
