/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control/answer.h"
#include "control/peer.h"
#include "control/server.h"
#include "control/shared_console.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 16 * 1024 };

static void post(abx_control *control, abx_event_kind kind, uint32_t number)
{
    const abx_event event = { .kind = kind, .vcpu = UINT32_MAX, .code = number };
    abx_event_post(abx_machine_get_vm(control->machine), &event);
}

static void leave(abx_control_client *client)
{
    client->mode = ABX_CONTROL_LEAVES;
    client->subscribed = client->stopping = false;
    abx_control_drop_hint(client);
    abx_buffer_free(&client->input);
    abx_loop_timer_set(client->linger, ABX_CONTROL_LINGER_MS);
}

static bool add(abx_control_client *client, json_t *value)
{
    char *line = abx_control_line(value);
    bool added = line && abx_buffer_add(&client->output, line, strlen(line));
    if (!line)
        abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "answer");
    else if (!added)
        abx_fail(ABX_ERR_LIMIT, 0, "Read faster, and connect again.", "wait for a client that does not read");
    free(line);
    return added;
}

/* What it has not begun to read gives way to the last words. */
void abx_control_client_dismiss(abx_control_client *client)
{
    json_t *why = abx_control_error(NULL);
    leave(client);
    client->gone = !add(client, why);
}

static void make_room(abx_control_client *client)
{
    const char *begun = abx_buffer_bytes(&client->output);
    size_t length = abx_buffer_length(&client->output);
    const char *end = length ? memchr(begun, '\n', length) : NULL;
    abx_buffer_cut(&client->output, end ? (size_t)(end - begun) + 1 : 0);
}

void abx_control_client_say(abx_control_client *client, json_t *value)
{
    if (add(client, value))
        return;
    json_t *why = abx_control_error(NULL);
    make_room(client);
    leave(client);
    client->gone = !add(client, why);
}

static void take_line(abx_control_client *client, size_t length)
{
    abx_control_request request;
    if (abx_control_request_parse(&request, abx_buffer_bytes(&client->input), length) == ABX_OK)
        abx_control_do(client, &request);
    else
        abx_control_client_say(client, abx_control_error(request.id));
    abx_control_request_end(&request);
    if (client->mode != ABX_CONTROL_LEAVES)
        abx_buffer_drop(&client->input, length + 1);
}

static bool is_ready(const abx_control_client *client)
{
    return !client->gone && client->mode == ABX_CONTROL_TALKS &&
           abx_buffer_length(&client->output) < ABX_CONTROL_OUTPUT_HIGH;
}

/* False: there was nothing to do. */
static bool take_lines(abx_control_client *client)
{
    size_t length;
    bool any = false;
    while (is_ready(client) && abx_buffer_line(&client->input, &length)) {
        take_line(client, length);
        any = true;
    }
    return any;
}

static void flush(abx_control_client *client)
{
    while (!client->gone && abx_buffer_length(&client->output) > 0) {
        ssize_t sent = abx_peer_send(client->fd, abx_buffer_bytes(&client->output), abx_buffer_length(&client->output));
        if (sent > 0) {
            abx_buffer_drop(&client->output, (size_t)sent);
        } else if (errno != EINTR) {
            client->gone = errno != EAGAIN && errno != EWOULDBLOCK;
            return;
        }
    }
}

/* Some of what it sent: the loop comes again for the rest. */
static void receive(abx_control_client *client)
{
    char bytes[PIECE];
    size_t room = client->input.limit - abx_buffer_length(&client->input);
    ssize_t count = read(client->fd, bytes, room < sizeof(bytes) ? room : sizeof(bytes));
    if (count < 0) {
        client->gone = errno != EINTR && errno != EAGAIN;
        return;
    }
    client->ended = count == 0;
    if (!abx_buffer_add(&client->input, bytes, (size_t)count)) {
        client->gone = true;
        return;
    }
    take_lines(client);
    size_t length;
    if (client->mode == ABX_CONTROL_TALKS && abx_buffer_length(&client->input) == client->input.limit &&
        !abx_buffer_line(&client->input, &length)) {
        abx_fail(ABX_ERR_LIMIT, 0, "A line has 65536 bytes at most.", "read a request");
        abx_control_client_dismiss(client);
    }
}

static void ready(void *argument, unsigned events)
{
    abx_control_client *client = argument;
    if (events & ABX_LOOP_FAULT)
        client->gone = true;
    else if (events & ABX_LOOP_READABLE)
        receive(client);
    abx_control_client_settle(client);
}

/* Nothing more will come of it. A subscriber, or one that is attached, ends that by sending no more. */
static bool is_done(const abx_control_client *client)
{
    if (client->gone || abx_buffer_length(&client->output) > 0)
        return client->gone;
    bool typed = client->mode == ABX_CONTROL_ATTACHED && abx_buffer_length(&client->input) > 0;
    return client->mode == ABX_CONTROL_LEAVES || (client->ended && !client->stopping && !typed);
}

static unsigned wanted(const abx_control_client *client)
{
    unsigned events = 0;
    bool attached = client->mode == ABX_CONTROL_ATTACHED;
    if (!client->ended && (is_ready(client) || (attached && abx_buffer_length(&client->input) == 0)))
        events |= ABX_LOOP_READABLE;
    if (abx_buffer_length(&client->output) > 0 ||
        (attached && client->position < abx_shared_console_said(client->control->console)))
        events |= ABX_LOOP_WRITABLE;
    return events;
}

void abx_control_client_settle(abx_control_client *client)
{
    do
        flush(client);
    while (take_lines(client));
    if (!client->gone && client->mode == ABX_CONTROL_ATTACHED) {
        abx_control_feed_console(client);
        abx_control_send_console(client);
    }
    if (is_done(client))
        abx_control_client_free(client);
    else
        abx_loop_watch_set(client->watch, wanted(client));
}

static void linger_ends(void *argument)
{
    abx_control_client_free(argument);
}

static void unlink_client(abx_control_client *client)
{
    abx_control_client **link = &client->control->clients;
    while (*link != client)
        link = &(*link)->next;
    *link = client->next;
    client->control->client_count--;
}

static void free_parts(abx_control_client *client)
{
    abx_loop_watch_free(client->watch);
    abx_loop_timer_free(client->linger);
    abx_buffer_free(&client->input);
    abx_buffer_free(&client->output);
    json_decref(client->stop_id);
    close(client->fd);
    free(client);
}

void abx_control_client_free(abx_control_client *client)
{
    abx_control *control = client->control;
    uint32_t number = client->number;
    abx_control_drop_hint(client);
    unlink_client(client);
    free_parts(client);
    post(control, ABX_EVENT_CONTROL_DISCONNECTED, number);
}

void abx_control_client_new(abx_control *control, int fd)
{
    abx_control_client *client = calloc(1, sizeof(*client));
    if (!client) {
        close(fd);
        return;
    }
    client->control = control;
    client->fd = fd;
    client->number = ++control->last_number;
    client->input = (abx_buffer)ABX_BUFFER_INIT(ABX_CONTROL_LINE_MAX);
    client->output = (abx_buffer)ABX_BUFFER_INIT(ABX_CONTROL_OUTPUT_MAX);
    if (abx_loop_watch_new(&client->watch, control->loop, fd, ready, client) != ABX_OK ||
        abx_loop_timer_new(&client->linger, control->loop, linger_ends, client) != ABX_OK) {
        free_parts(client);
        return;
    }
    client->next = control->clients;
    control->clients = client;
    control->client_count++;
    post(control, ABX_EVENT_CONTROL_CONNECTED, client->number);
    abx_control_client_say(client, abx_control_greeting(abx_vm_get_config(abx_machine_get_vm(control->machine))->name));
    abx_control_client_settle(client);
}
