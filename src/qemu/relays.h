/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The relays of all consoles and other ports of one machine. */
#ifndef ABX_SRC_QEMU_RELAYS_H
#define ABX_SRC_QEMU_RELAYS_H

#include "console.h"
#include "parts.h"

typedef struct abx_relays {
    abx_console *list;
    size_t count;
} abx_relays;

/* Those of the parts whose entry in `guest_fds` is none of -1; these become the relays'. False: no memory, and nothing
 * is taken. */
bool abx_relays_init(abx_relays *relays, const abx_parts *parts, const int *guest_fds);

/* Frees the list; abx_relays_end() has closed what is in it, or it goes back to whoever gave it. */
void abx_relays_free(abx_relays *relays);

/* As the functions of console.h, for all of them: ABX_CONSOLE_FDS entries each. */
void abx_relays_prepare(const abx_relays *relays, struct pollfd *fds);
void abx_relays_end(abx_relays *relays);

/* An output failed just now: the console says how. */
typedef void (*abx_relays_failed)(void *context, const abx_console *console);
void abx_relays_serve(abx_relays *relays, const struct pollfd *fds, abx_relays_failed failed, void *context);

/* As abx_console_drain(): one after the other. */
bool abx_relays_drain(abx_relays *relays, struct pollfd *output);

#endif
