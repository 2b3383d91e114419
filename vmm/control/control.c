/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control/answer.h"
#include "control/peer.h"
#include "control/server.h"
#include "control/shared_console.h"
#include "machine_internal.h"

#include <arcbox/metrics.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { REST_MS = 1000 };

static void observe(void *payload, const abx_event *event)
{
    abx_control *control = payload;
    abx_history_note(&control->history, event);
    abx_loop_post(control->loop, &control->news);
}

static bool is_end(const abx_event *event)
{
    return event->kind == ABX_EVENT_STATE && (event->state == ABX_VM_STOPPED || event->state == ABX_VM_FAILED);
}

static void tell(abx_control *control, const abx_event *event)
{
    for (abx_control_client *client = control->clients, *next; client; client = next) {
        next = client->next;
        if (!client->subscribed)
            continue;
        abx_control_client_say(client, abx_control_event(event));
        abx_control_client_settle(client);
    }
}

static void take_news(void *argument)
{
    abx_control *control = argument;
    abx_event event;
    while (abx_history_next(&control->history, &event)) {
        tell(control, &event);
        if (is_end(&event))
            abx_control_ended(control);
    }
    if (control->console)
        abx_control_console_news(control);
}

/* One line, which the socket has room for, and good-bye. */
static void refuse(int fd)
{
    char *line = abx_control_line(abx_control_error(NULL));
    if (line)
        (void)!abx_peer_send(fd, line, strlen(line));
    free(line);
    close(fd);
}

static void admit(abx_control *control, int fd, uid_t user)
{
    if (user != geteuid() && user != 0) {
        abx_fail(ABX_ERR_PERMISSION, 0, "It is for the user who runs the machine.", "use a control socket");
        refuse(fd);
    } else if (control->client_count == ABX_CONTROL_CLIENTS_MAX) {
        abx_fail(ABX_ERR_BUSY, 0, "There are 32 clients: try again when one has gone.", "use a control socket");
        refuse(fd);
    } else {
        abx_control_client_new(control, fd);
    }
}

static void arrive(void *argument, unsigned events)
{
    abx_control *control = argument;
    uid_t user;
    (void)events;
    int fd = abx_peer_accept(control->endpoint.fd, &user);
    if (fd >= 0) {
        admit(control, fd, user);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
        /* It would be ready, and fail, again and again. */
        abx_loop_watch_set(control->listening, 0);
        abx_loop_timer_set(control->rest, REST_MS);
    }
}

static void listen_again(void *argument)
{
    abx_control *control = argument;
    abx_loop_watch_set(control->listening, ABX_LOOP_READABLE);
}

static abx_status make_handles(abx_control *control)
{
    abx_status status = abx_loop_watch_new(&control->listening, control->loop, control->endpoint.fd, arrive, control);
    if (status == ABX_OK)
        status = abx_loop_timer_new(&control->rest, control->loop, listen_again, control);
    if (status == ABX_OK)
        status = abx_control_open_stop(control);
    if (status == ABX_OK && control->console)
        status = abx_control_open_console(control);
    return status;
}

typedef struct opening {
    abx_control *control;
    abx_machine_failure failure;
} opening;

static void open_in_loop(void *argument)
{
    opening *self = argument;
    abx_status status = make_handles(self->control);
    if (status == ABX_OK)
        abx_loop_watch_set(self->control->listening, ABX_LOOP_READABLE);
    else
        abx_machine_keep_failure(&self->failure, status);
}

static void close_in_loop(void *argument)
{
    abx_control *control = argument;
    take_news(control);
    while (control->clients)
        abx_control_client_free(control->clients);
    if (control->console)
        abx_control_close_console(control);
    abx_loop_cancel(control->loop, &control->news);
    abx_loop_timer_free(control->stop_timer);
    abx_loop_timer_free(control->rest);
    abx_loop_watch_free(control->listening);
}

static void free_control(abx_control *control)
{
    abx_endpoint_close(&control->endpoint);
    abx_history_end(&control->history);
    free(control);
}

/* Those that connect meanwhile wait in the socket. */
static abx_status build(abx_control *control, const char *path)
{
    opening self = { .control = control };
    const abx_hypervisor *hypervisor = abx_vm_get_hypervisor(abx_machine_get_vm(control->machine));
    abx_status status = abx_machine_need_loop(control->machine, &control->loop);
    if (status == ABX_OK)
        status = abx_endpoint_open(&control->endpoint, path);
    if (status == ABX_OK && abx_hypervisor_has(hypervisor, ABX_CAP_BINARY_STATS))
        status = abx_metrics_share(control->machine);
    if (status != ABX_OK)
        return status;
    abx_loop_call(control->loop, open_in_loop, &self);
    status = abx_machine_tell_failure(&self.failure);
    if (status == ABX_OK)
        status = abx_event_observe(abx_machine_get_vm(control->machine), observe, control);
    if (status != ABX_OK)
        abx_loop_call(control->loop, close_in_loop, control);
    return status;
}

static uint64_t now_ns(void)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

abx_status abx_control_open(abx_control **out, abx_machine *machine, const abx_control_options *options)
{
    if (!out || !machine || !options || options->size < sizeof(*options) || !options->path)
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "open a control socket");
    abx_control *control = calloc(1, sizeof(*control));
    if (!control)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "open a control socket");
    control->machine = machine;
    control->console = options->console;
    control->endpoint.fd = -1;
    control->opened_ns = now_ns();
    control->news = (abx_loop_task){ .run = take_news, .argument = control };
    abx_history_init(&control->history);
    abx_status status = build(control, options->path);
    if (status != ABX_OK) {
        free_control(control);
        return status;
    }
    *out = control;
    return ABX_OK;
}

void abx_control_close(abx_control *control)
{
    if (!control)
        return;
    abx_event_unobserve(abx_machine_get_vm(control->machine), observe, control);
    abx_loop_call(control->loop, close_in_loop, control);
    free_control(control);
}
