/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A client of the QEMU Machine Protocol: one JSON object a line, over a stream socket. One thread, the reader, calls
 * abx_qmp_receive() whenever the socket is readable; any number of others execute commands meanwhile. What the peer
 * sends is not trusted: its lines have a limited length, and whatever is not of the protocol ends the connection.
 */
#ifndef ABX_SRC_QEMU_QMP_H
#define ABX_SRC_QEMU_QMP_H

#include "program.h"

#include <jansson.h>

/* The longest line that is taken, its end included. */
#define ABX_QMP_LINE_MAX (1u << 20)

typedef struct abx_qmp abx_qmp;

/* An event or an answer to abx_qmp_ask() came in: its name, and its data or NULL. Called on the reader, without any
 * lock held. */
typedef void (*abx_qmp_handler)(void *context, const char *name, const json_t *data);

/* A client on `fd`, which stays the caller's. Errors: ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM. */
abx_status abx_qmp_new(abx_qmp **out, int fd, abx_qmp_handler handler, void *context);

/* Nobody uses it any more. NULL is allowed. */
void abx_qmp_free(abx_qmp *qmp);

/* For poll(2). */
int abx_qmp_fd(const abx_qmp *qmp);

/*
 * Takes in some of what there is to read, without waiting. The reader only. A failure ends the connection: commands
 * fail with that same status from then on. Errors: ABX_ERR_EMPTY (nothing more for now; no failure), ABX_ERR_LOST (the
 * peer closed it), ABX_ERR_FORMAT (not the protocol, or a line without end), ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM.
 */
abx_status abx_qmp_receive(abx_qmp *qmp);

/*
 * Ends the connection: commands fail with ABX_ERR_LOST from now on, if with nothing else before. The reader only, after
 * it has received what there was: a peer that has died need not have closed its end, of which others may hold copies.
 */
void abx_qmp_hang_up(abx_qmp *qmp);

/*
 * Waits for the greeting, says which version the peer is, and enters command mode. Errors: ABX_ERR_TIMEOUT, and those
 * of abx_qmp_execute().
 */
abx_status abx_qmp_greet(abx_qmp *qmp, int timeout_ms, abx_qemu_version *version);

/*
 * Executes `command` and waits for the answer. `arguments` may be NULL and is given away. `*result` (the pointer may be
 * NULL) becomes the caller's. Any thread but the reader. Errors: ABX_ERR_TIMEOUT, ABX_ERR_LOST, ABX_ERR_FORMAT,
 * ABX_ERR_NO_MEMORY, ABX_ERR_NOT_SUPPORTED (the peer does not know the command), ABX_ERR_SYSTEM (it refuses; advice
 * says why).
 */
abx_status abx_qmp_execute(abx_qmp *qmp, const char *command, json_t *arguments, int timeout_ms, json_t **result);

/*
 * Sends a command, a literal, for whose answer the handler waits: it gets it as an event of that name, without data
 * when the peer refuses. While there is none yet, asking again is all the same. The reader only, also in the handler.
 * Makes no error record. Errors: ABX_ERR_LOST, ABX_ERR_TIMEOUT (the peer does not read), ABX_ERR_FORMAT,
 * ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM.
 */
abx_status abx_qmp_ask(abx_qmp *qmp, const char *command);

/* Sends a command whose answer nobody waits for. False, and no error record, when it cannot be sent. Any thread. */
bool abx_qmp_tell(abx_qmp *qmp, const char *command);

#endif
