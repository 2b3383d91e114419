/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control/answer.h"
#include "control/peer.h"
#include "control/server.h"
#include "control/shared_console.h"

#include <errno.h>

enum { PIECE = 4096 };

/* In the console's thread. */
static void notify(void *argument)
{
    abx_control *control = argument;
    abx_loop_post(control->loop, &control->news);
}

static void room(void *argument, unsigned events)
{
    abx_control *control = argument;
    (void)events;
    abx_loop_watch_set(control->console_room, 0);
    for (abx_control_client *client = control->clients, *next; client; client = next) {
        next = client->next;
        if (!client->full)
            continue;
        client->full = false;
        abx_control_client_settle(client);
    }
}

abx_status abx_control_open_console(abx_control *control)
{
    abx_status status = abx_loop_watch_new(&control->console_room, control->loop,
                                           abx_shared_console_input_fd(control->console), room, control);
    if (status == ABX_OK)
        abx_shared_console_listen(control->console, notify, control);
    return status;
}

void abx_control_close_console(abx_control *control)
{
    abx_shared_console_listen(control->console, NULL, NULL);
    abx_loop_watch_free(control->console_room);
}

void abx_control_attach(abx_control_client *client, uint64_t backlog)
{
    uint64_t said = abx_shared_console_said(client->control->console);
    client->mode = ABX_CONTROL_ATTACHED;
    client->position = backlog < said ? said - backlog : 0;
}

/* One that is so slow that something would be missing is let go: its connection has no place to say so. */
void abx_control_send_console(abx_control_client *client)
{
    char bytes[PIECE];
    while (!client->gone && abx_buffer_length(&client->output) == 0) {
        size_t count = abx_shared_console_read(client->control->console, client->position, bytes, sizeof(bytes));
        if (count == 0)
            return;
        ssize_t sent = count == SIZE_MAX ? -1 : abx_peer_send(client->fd, bytes, count);
        if (sent >= 0)
            client->position += (uint64_t)sent;
        else if (count != SIZE_MAX && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        else
            client->gone = count == SIZE_MAX || errno != EINTR;
    }
}

void abx_control_feed_console(abx_control_client *client)
{
    size_t length = abx_buffer_length(&client->input);
    if (client->full || length == 0)
        return;
    if (!client->writes) {
        abx_buffer_drop(&client->input, length);
        return;
    }
    ssize_t taken = abx_shared_console_write(client->control->console, abx_buffer_bytes(&client->input), length);
    if (taken > 0)
        abx_buffer_drop(&client->input, (size_t)taken);
    if (abx_buffer_length(&client->input) == 0)
        return;
    client->full = true;
    abx_loop_watch_set(client->control->console_room, ABX_LOOP_WRITABLE);
}

static void tell_fault(abx_control *control)
{
    int fault = abx_shared_console_fault(control->console);
    if (!fault || control->console_failed)
        return;
    const abx_event event = { .kind = ABX_EVENT_CONSOLE_CLOSED, .vcpu = UINT32_MAX, .code = (uint64_t)fault };
    control->console_failed = true;
    abx_event_post(abx_machine_get_vm(control->machine), &event);
}

void abx_control_console_news(abx_control *control)
{
    tell_fault(control);
    for (abx_control_client *client = control->clients, *next; client; client = next) {
        next = client->next;
        if (client->mode == ABX_CONTROL_ATTACHED)
            abx_control_client_settle(client);
    }
}
