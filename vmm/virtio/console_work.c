/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a console does in the loop. */
#include "virtio/console_internal.h"
#include "virtio/pieces.h"

#include "error_text.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

/* Steps of a queue in a row: others have their turn then. */
enum { TURN = 64 };

static bool may_go_on(const virtio_console *self)
{
    return !abx_virtio_worker_is_held(&self->worker);
}

static void wait_for(console_watch *end, unsigned events)
{
    if (!end->watch || end->events == events)
        return;
    end->events = events;
    abx_loop_watch_set(end->watch, events);
}

/* The work waits for it again if need be. */
void virtio_console_ready(void *watch, unsigned events)
{
    console_watch *end = watch;
    (void)events;
    wait_for(end, 0);
    abx_virtio_worker_ring(&end->console->worker);
}

static void quiet(virtio_console *self, abx_virtqueue *queue)
{
    abx_memory_guard stay = abx_memory_enter(self->host.vm);
    abx_virtqueue_quiet(queue);
    abx_memory_leave(self->host.vm, stay);
}

static bool is_departure(int error)
{
    return error == EPIPE || error == ECONNRESET;
}

static void tell(virtio_console *self, uint32_t port, const char *what, int error)
{
    char text[92], cause[48];
    abx_error_text(error, cause, sizeof(cause));
    snprintf(text, sizeof(text), "console port %u: %s: %s", port, what, cause);
    abx_event_kind kind = is_departure(error) ? ABX_EVENT_CONSOLE_CLOSED : ABX_EVENT_DEVICE_FAILED;
    self->host.tell(self->host.machine, kind, is_departure(error) ? port : (uint64_t)error, text);
}

/* A port is closed to the guest when neither direction has anybody any more; consoles are never. */
static void update_open(virtio_console *self, uint32_t port)
{
    pthread_mutex_lock(&self->lock);
    if (self->control.ports[port].name)
        abx_console_control_set_open(&self->control, port, abx_virtio_port_is_open(&self->ports[port].flow));
    pthread_mutex_unlock(&self->lock);
}

static void output_ended(virtio_console *self, uint32_t port)
{
    tell(self, port, "output", self->ports[port].flow.output.error);
    update_open(self, port);
}

/* Whoever closed both directions at once is seen here first. */
static void input_ended(virtio_console *self, uint32_t port)
{
    abx_virtio_port *flow = &self->ports[port].flow;
    if (flow->input.error)
        tell(self, port, "input", flow->input.error);
    bool has_output = flow->output.stream.kind != ABX_STREAM_NONE && !flow->output.ended;
    if (has_output && abx_stream_is_hung_up(&flow->output.stream)) {
        flow->output.ended = true;
        flow->output.error = EPIPE;
        output_ended(self, port);
    }
    update_open(self, port);
}

void virtio_console_write_emergency(virtio_console *self)
{
    uint8_t bytes[CONSOLE_EMERGENCY];
    pthread_mutex_lock(&self->lock);
    size_t count = self->emergency_count;
    memcpy(bytes, self->emergency, count);
    pthread_mutex_unlock(&self->lock);
    abx_virtio_port *port = &self->ports[0].flow;
    bool had_ended = port->output.ended;
    ssize_t moved = abx_virtio_port_write(port, &(struct iovec){ bytes, count }, count > 0);
    if (port->output.ended && !had_ended)
        output_ended(self, 0);
    if (moved <= 0)
        return;
    pthread_mutex_lock(&self->lock);
    self->emergency_count -= (size_t)moved;
    memmove(self->emergency, self->emergency + moved, self->emergency_count);
    pthread_mutex_unlock(&self->lock);
}

static bool has_emergency(virtio_console *self, uint32_t port)
{
    pthread_mutex_lock(&self->lock);
    bool has = port == 0 && self->emergency_count > 0;
    pthread_mutex_unlock(&self->lock);
    return has;
}

static abx_virtio_port_step transmit(virtio_console *self, uint32_t port)
{
    if (has_emergency(self, port)) {
        virtio_console_write_emergency(self);
        return has_emergency(self, port) ? ABX_PORT_BLOCKED : ABX_PORT_MOVED;
    }
    if (!self->ports[port].flow.output.queue)
        return ABX_PORT_EMPTY;
    abx_virtio_port_step step = abx_virtio_port_transmit(&self->ports[port].flow);
    if (step == ABX_PORT_ENDED)
        output_ended(self, port);
    return step;
}

static bool wants_input(const virtio_console *self, uint32_t port)
{
    const abx_virtio_flow *input = &self->ports[port].flow.input;
    bool open = !self->multiport || self->control.ports[port].guest_open;
    return open && input->queue && input->stream.kind != ABX_STREAM_NONE && !input->ended;
}

static abx_virtio_port_step receive(virtio_console *self, uint32_t port)
{
    if (!wants_input(self, port))
        return ABX_PORT_EMPTY;
    abx_virtio_port_step step = abx_virtio_port_receive(&self->ports[port].flow);
    if (step == ABX_PORT_ENDED)
        input_ended(self, port);
    return step;
}

/* One direction of a port, as far as that goes now; then the loop waits for the end that was not ready. */
static void move(virtio_console *self, uint32_t port, abx_virtio_port_step (*step)(virtio_console *, uint32_t),
                 console_watch *end, unsigned event)
{
    abx_virtio_port_step last = ABX_PORT_MOVED;
    unsigned turn = 0;
    for (; turn < TURN && may_go_on(self) && last != ABX_PORT_EMPTY && last != ABX_PORT_BLOCKED; turn++)
        last = step(self, port);
    if (turn == TURN)
        abx_virtio_worker_ring(&self->worker);
    wait_for(end, last == ABX_PORT_BLOCKED ? event : 0);
}

static void serve(virtio_console *self, uint32_t index)
{
    console_port *port = &self->ports[index];
    if (!atomic_load(&self->abandoned)) {
        if (port->flow.output.queue)
            quiet(self, port->flow.output.queue);
        move(self, index, transmit, &port->output, ABX_LOOP_WRITABLE);
    }
    if (wants_input(self, index))
        quiet(self, port->flow.input.queue);
    move(self, index, receive, &port->input, ABX_LOOP_READABLE);
}

/* False: there is none. */
static bool take_reply(virtio_console *self)
{
    abx_virtqueue_chain chain;
    struct iovec pieces[ABX_VIRTQUEUE_PIECES];
    if (!abx_virtqueue_pop(self->replies, &chain, pieces, ABX_VIRTQUEUE_PIECES))
        return abx_virtqueue_listen(self->replies);
    uint8_t message[ABX_CONSOLE_MESSAGE];
    size_t length = abx_pieces_read(chain.readable, chain.readable_count, 0, message, sizeof(message));
    pthread_mutex_lock(&self->lock);
    abx_console_control_receive(&self->control, message, length);
    pthread_mutex_unlock(&self->lock);
    abx_virtqueue_push(self->replies, &chain, 0);
    return true;
}

/* Under the lock; false: there is no news, or no room for it, of which the driver will notify. */
static bool send_message(virtio_console *self)
{
    abx_virtqueue_chain chain;
    struct iovec pieces[ABX_VIRTQUEUE_PIECES];
    uint8_t message[ABX_CONSOLE_MESSAGE_MAX];
    if (!abx_console_control_has_news(&self->control))
        return false;
    if (!abx_virtqueue_pop(self->messages, &chain, pieces, ABX_VIRTQUEUE_PIECES))
        return abx_virtqueue_listen(self->messages);
    if (chain.writable_length < ABX_CONSOLE_MESSAGE) {
        abx_virtqueue_break(self->messages, ABX_VIRTQUEUE_REFUSED);
        return false;
    }
    size_t length = abx_console_control_take(&self->control, message);
    length = abx_pieces_write(chain.writable, chain.writable_count, 0, message, length);
    abx_virtqueue_push(self->messages, &chain, length);
    return true;
}

/* Control messages are few, and a round of them is done at once: at most as many as a queue has room for. */
static void converse(virtio_console *self, abx_virtqueue *queue, bool (*step)(virtio_console *))
{
    if (!self->multiport || !queue)
        return;
    abx_memory_guard stay = abx_memory_enter(self->host.vm);
    unsigned turn = 0;
    while (turn < TURN && may_go_on(self) && step(self))
        turn++;
    abx_virtio_used(self->transport, queue);
    abx_memory_leave(self->host.vm, stay);
    if (turn == TURN)
        abx_virtio_worker_ring(&self->worker);
}

static bool send_message_locked(virtio_console *self)
{
    pthread_mutex_lock(&self->lock);
    bool sent = send_message(self);
    pthread_mutex_unlock(&self->lock);
    return sent;
}

void virtio_console_work(void *console)
{
    virtio_console *self = console;
    converse(self, self->replies, take_reply);
    uint32_t count = self->multiport ? self->port_count : 1;
    for (uint32_t i = 0; i < count; i++)
        serve(self, i);
    converse(self, self->messages, send_message_locked);
}

/* Until there is room; false: it is abandoned. */
static bool await_room(const virtio_console *self, uint32_t port)
{
    struct pollfd polled[] = {
        { .fd = self->ports[port].flow.output.stream.fd, .events = POLLOUT },
        { .fd = self->abandon.fd, .events = POLLIN },
    };
    while (poll(polled, 2, -1) < 0) {
        if (errno != EINTR && errno != EAGAIN && errno != ENOMEM)
            return false;
    }
    return !polled[1].revents;
}

void virtio_console_finish(virtio_console *self)
{
    for (uint32_t i = 0; i < self->port_count; i++) {
        bool goes_on = true;
        while (goes_on && !atomic_load(&self->abandoned)) {
            abx_virtio_port_step step = transmit(self, i);
            goes_on = step == ABX_PORT_BLOCKED ? await_room(self, i) : step != ABX_PORT_EMPTY;
        }
    }
}
