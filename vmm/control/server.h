/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the files of a control socket know of it and of its clients. All of it happens in the machine's loop. */
#ifndef ABX_VMM_CONTROL_SERVER_H
#define ABX_VMM_CONTROL_SERVER_H

#include <arcbox/control.h>

#include "control/buffer.h"
#include "control/endpoint.h"
#include "control/history.h"
#include "control/request.h"
#include "loop.h"

enum {
    ABX_CONTROL_CLIENTS_MAX = 32,
    ABX_CONTROL_OUTPUT_MAX = 256 * 1024, /* what a client may leave unread; with more, events are not for it */
    ABX_CONTROL_OUTPUT_HIGH = 64 * 1024, /* with more, its requests wait */
    ABX_CONTROL_LINGER_MS = 10000,       /* a client that is told to go reads why, or not */
};

typedef enum abx_control_mode {
    ABX_CONTROL_TALKS = 0,
    ABX_CONTROL_ATTACHED, /* the connection is the console's */
    ABX_CONTROL_LEAVES,   /* the last words go out */
} abx_control_mode;

typedef struct abx_control_client {
    abx_control *control;
    struct abx_control_client *next;
    uint32_t number;
    int fd;
    abx_loop_watch *watch;
    abx_loop_timer *linger;
    abx_buffer input;
    abx_buffer output;
    abx_control_mode mode;
    bool ended; /* it sends no more */
    bool gone;
    bool subscribed;   /* to events */
    bool stopping;     /* it waits for the machine's end */
    bool writes;       /* to the console */
    bool full;         /* the console takes nothing for now */
    uint64_t position; /* in what the console said */
    json_t *stop_id;
} abx_control_client;

struct abx_control {
    abx_machine *machine;
    abx_loop *loop;
    abx_endpoint endpoint;
    uint64_t opened_ns; /* CLOCK_MONOTONIC */
    abx_loop_watch *listening;
    abx_loop_timer *rest; /* of the listening, when there is nothing to make a client of */
    abx_control_client *clients;
    uint32_t client_count;
    uint32_t last_number;
    abx_history history;
    abx_loop_task news; /* events came, or the console said something */

    abx_shared_console *console;
    abx_loop_watch *console_room;
    bool console_failed; /* … and has been told of */

    abx_loop_timer *stop_timer; /* running: the guest has been asked to end, and is stopped then */
    uint64_t stop_deadline_ms;
    bool asked;
    bool forced;

    abx_control_client *hinter; /* waits for what the guest names as free; NULL: none of ours */
    json_t *hint_id;
    uint64_t hint_ns; /* CLOCK_MONOTONIC when it asked */
};

/* client.c */

/* Makes a client of a connection, which is its own in any case, and greets it. */
void abx_control_client_new(abx_control *control, int fd);

/* Adds a line to what it is told; `value` is given away. A client with no room for it is told to go. */
void abx_control_client_say(abx_control_client *client, json_t *value);

/* It is told this thread's last error, and nothing more. */
void abx_control_client_dismiss(abx_control_client *client);

/* Sends what there is to send, sees what it wants next, and frees it if it is gone. */
void abx_control_client_settle(abx_control_client *client);

void abx_control_client_free(abx_control_client *client);

/* operations.c */

/* Carries out a request, or begins to. */
void abx_control_do(abx_control_client *client, const abx_control_request *request);

/* console.c */

/* The client has what the console said since `backlog` bytes ago. */
void abx_control_attach(abx_control_client *client, uint64_t backlog);

/* Sends it what was said; gives the guest what it sent. */
void abx_control_send_console(abx_control_client *client);
void abx_control_feed_console(abx_control_client *client);

/* Something has been said, or there is room. */
void abx_control_console_news(abx_control *control);
abx_status abx_control_open_console(abx_control *control);
void abx_control_close_console(abx_control *control);

/* stop.c */

/* Ends the machine, first by asking the guest; the client is answered when it has ended. Errors: ABX_ERR_STATE. */
abx_status abx_control_stop(abx_control_client *client, const abx_control_request *request);
abx_status abx_control_open_stop(abx_control *control);

/* The machine has ended: answers those that wait. */
void abx_control_ended(abx_control *control);

/* hint.c */

/* Asks the guest what memory is free; the client is answered when the guest has. Errors: ABX_ERR_INVALID, those of
 * abx_machine_balloon_hint(). */
abx_status abx_control_hint(abx_control_client *client, const abx_control_request *request);

/* The client waits for it no longer, if it did. */
void abx_control_drop_hint(abx_control_client *client);

/* The machine has ended: answers who waits. */
void abx_control_end_hint(abx_control *control);

/* status.c */

json_t *abx_control_status(const abx_control *control);

#endif
