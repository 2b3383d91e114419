/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control/shared_console.h"
#include "control/peer.h"
#include "control/request.h"

#include "devices/serial_output.h"
#include "thread.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RING = ABX_CONTROL_SCROLLBACK_MAX, PIECE = 4096 };

struct abx_shared_console {
    int guest_output[2]; /* pipes: [0] is read, [1] written */
    int guest_input[2];
    int input_fd; /* -1: none, or at its end */
    abx_serial_output output;
    abx_wakeup closing;
    pthread_t thread;
    bool has_thread;

    /* The thread's: input that has not found room yet. */
    char pending[PIECE];
    size_t pending_count;

    pthread_mutex_t lock; /* of what follows */
    void (*notify)(void *argument);
    void *argument;
    int fault;
    uint64_t said;
    char ring[RING];
};

static void note(abx_shared_console *self, const char *bytes, size_t count, int fault)
{
    pthread_mutex_lock(&self->lock);
    for (size_t i = 0; i < count;) {
        size_t place = (self->said + i) % RING;
        size_t part = count - i < RING - place ? count - i : RING - place;
        memcpy(self->ring + place, bytes + i, part);
        i += part;
    }
    self->said += count;
    if (fault)
        self->fault = fault;
    if (self->notify)
        self->notify(self->argument);
    pthread_mutex_unlock(&self->lock);
}

/* False: there is nothing, or it is over. */
static bool copy_output(abx_shared_console *self)
{
    char bytes[PIECE];
    ssize_t count = read(self->guest_output[0], bytes, sizeof(bytes));
    if (count <= 0)
        return count < 0 && errno == EINTR;
    int fault = abx_serial_output_write(&self->output, (const uint8_t *)bytes, (size_t)count);
    note(self, bytes, (size_t)count, fault);
    return true;
}

static void copy_input(abx_shared_console *self)
{
    if (self->pending_count == 0) {
        ssize_t count = read(self->input_fd, self->pending, sizeof(self->pending));
        if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN))
            self->input_fd = -1;
        self->pending_count = count > 0 ? (size_t)count : 0;
    }
    ssize_t done = abx_shared_console_write(self, self->pending, self->pending_count);
    if (done > 0) {
        self->pending_count -= (size_t)done;
        memmove(self->pending, self->pending + done, self->pending_count);
    }
}

enum { POLL_CLOSING, POLL_OUTPUT, POLL_INPUT, POLL_ROOM, POLLED };

static void *body(void *argument)
{
    abx_shared_console *self = argument;
    abx_thread_set_name("console");
    for (;;) {
        bool full = self->pending_count > 0;
        struct pollfd polled[POLLED] = {
            [POLL_CLOSING] = { .fd = self->closing.fd, .events = POLLIN },
            [POLL_OUTPUT] = { .fd = self->guest_output[0], .events = POLLIN },
            [POLL_INPUT] = { .fd = full ? -1 : self->input_fd, .events = POLLIN },
            [POLL_ROOM] = { .fd = full ? self->guest_input[1] : -1, .events = POLLOUT },
        };
        if (poll(polled, POLLED, -1) < 0)
            continue;
        if (polled[POLL_OUTPUT].revents)
            copy_output(self);
        else if (polled[POLL_CLOSING].revents)
            break;
        if (polled[POLL_INPUT].revents || polled[POLL_ROOM].revents)
            copy_input(self);
    }
    return NULL;
}

static void close_pair(int pair[2])
{
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            close(pair[i]);
}

static void free_console(abx_shared_console *self)
{
    close_pair(self->guest_output);
    close_pair(self->guest_input);
    abx_wakeup_close(&self->closing);
    abx_serial_output_close(&self->output);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

/* Ours must not block; the guest's may. */
static abx_status open_pipe(int pair[2], int ours)
{
    int fresh[2];
    if (abx_peer_pipe(fresh) < 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "make a pipe for a console");
    pair[0] = fresh[0];
    pair[1] = fresh[1];
    if (fcntl(fresh[ours], F_SETFL, O_NONBLOCK) < 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "make a pipe for a console");
    return ABX_OK;
}

abx_status abx_shared_console_open(abx_shared_console **out, int input_fd, int output_fd)
{
    if (!out)
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "share a console");
    abx_shared_console *self = calloc(1, sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "share a console");
    self->guest_output[0] = self->guest_output[1] = self->guest_input[0] = self->guest_input[1] = -1;
    self->input_fd = input_fd;
    self->closing.fd = -1;
    self->output = (abx_serial_output){ .fd = -1, .abandon = { -1 } };
    pthread_mutex_init(&self->lock, NULL);
    abx_status status = open_pipe(self->guest_output, 0);
    if (status == ABX_OK)
        status = open_pipe(self->guest_input, 1);
    if (status == ABX_OK)
        status = abx_wakeup_open(&self->closing);
    if (status == ABX_OK)
        status = abx_serial_output_open(&self->output, output_fd);
    if (status == ABX_OK)
        status = abx_thread_start(&self->thread, body, self, "console");
    if (status != ABX_OK) {
        free_console(self);
        return status;
    }
    self->has_thread = true;
    *out = self;
    return ABX_OK;
}

abx_serial_config abx_shared_console_get_serial(const abx_shared_console *console)
{
    return (abx_serial_config){ console->guest_input[0], console->guest_output[1] };
}

void abx_shared_console_abandon(abx_shared_console *console)
{
    if (console->output.abandon.fd >= 0)
        abx_wakeup_raise(&console->output.abandon);
}

void abx_shared_console_finish(abx_shared_console *console)
{
    if (!console->has_thread)
        return;
    abx_wakeup_raise(&console->closing);
    pthread_join(console->thread, NULL);
    console->has_thread = false;
}

void abx_shared_console_close(abx_shared_console *console)
{
    if (!console)
        return;
    abx_shared_console_finish(console);
    free_console(console);
}

void abx_shared_console_listen(abx_shared_console *console, void (*notify)(void *argument), void *argument)
{
    pthread_mutex_lock(&console->lock);
    console->notify = notify;
    console->argument = argument;
    pthread_mutex_unlock(&console->lock);
}

uint64_t abx_shared_console_said(abx_shared_console *console)
{
    pthread_mutex_lock(&console->lock);
    uint64_t said = console->said;
    pthread_mutex_unlock(&console->lock);
    return said;
}

int abx_shared_console_fault(abx_shared_console *console)
{
    pthread_mutex_lock(&console->lock);
    int fault = console->fault;
    pthread_mutex_unlock(&console->lock);
    return fault;
}

size_t abx_shared_console_read(abx_shared_console *console, uint64_t position, void *buffer, size_t size)
{
    pthread_mutex_lock(&console->lock);
    uint64_t left = console->said - position;
    size_t count = left < size ? (size_t)left : size;
    size_t place = position % RING;
    size_t part = count < RING - place ? count : RING - place;
    if (left <= RING) {
        memcpy(buffer, console->ring + place, part);
        memcpy((char *)buffer + part, console->ring, count - part);
    } else {
        count = SIZE_MAX;
    }
    pthread_mutex_unlock(&console->lock);
    return count;
}

ssize_t abx_shared_console_write(abx_shared_console *console, const void *bytes, size_t count)
{
    ssize_t done;
    do
        done = count ? write(console->guest_input[1], bytes, count) : 0;
    while (done < 0 && errno == EINTR);
    return done;
}

int abx_shared_console_input_fd(const abx_shared_console *console)
{
    return console->guest_input[1];
}
