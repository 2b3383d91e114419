/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A connection to a machine's control socket: docs/control.md. */
#ifndef ABX_CLI_CONTROL_CLIENT_H
#define ABX_CLI_CONTROL_CLIENT_H

#include <jansson.h>

#include <stdbool.h>
#include <stddef.h>

typedef struct cli_client {
    const char *name; /* the machine's: the caller's */
    int fd;
    char *bytes; /* what has come and has not been taken */
    size_t length;
    size_t capacity;
} cli_client;

typedef enum cli_connected {
    CLI_CONNECTED,
    CLI_NOT_RUNNING, /* nobody listens there */
    CLI_NO_CLIENT,   /* said why */
} cli_connected;

/* Connects to machine `name` and hears its greeting. */
cli_connected cli_client_open(cli_client *client, const char *name);

/* The same, and says so when the machine does not run; false. */
bool cli_client_connect(cli_client *client, const char *name);
void cli_client_close(cli_client *client);

/* The next line that comes within `patience_ms` (-1: for ever); NULL: said why, or `*ended` (which may be NULL) is set:
 * the machine hung up. */
json_t *cli_client_read(cli_client *client, int patience_ms, bool *ended);

/*
 * Sends `request`, which is given away, and waits for the answer as above. Returns the result; NULL: said why, be it
 * that the machine refuses.
 */
json_t *cli_client_ask(cli_client *client, json_t *request, int patience_ms);

/* How long an answer may take that needs no waiting. */
enum { CLI_PATIENCE_MS = 20000 };

#endif
