/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "devices/serial.h"

#include "devices/serial_output.h"
#include "error_text.h"
#include "thread.h"
#include "wakeup.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * `lock` guards the registers and is held for moments only. `output_lock` is held while bytes go out, which may take
 * for ever; whoever holds it takes `lock` for moments, never the other way round.
 */
typedef struct serial {
    abx_device_host host;
    const abx_serial_chip *chip;
    uint32_t line;
    pthread_mutex_t lock;
    bool level; /* of the line */
    bool paused;
    bool input_waits; /* the input thread sleeps until the receiver is empty or it is resumed */

    pthread_mutex_t output_lock;
    abx_serial_output output;

    int input_fd;
    abx_wakeup wakeup; /* of the input thread */
    atomic_bool ending;
    bool has_thread;
    pthread_t thread;

    _Alignas(max_align_t) unsigned char state[]; /* of the chip */
} serial;

static void tell_failure(serial *self, const char *what, int error)
{
    char text[80], cause[48];
    abx_error_text(error, cause, sizeof(cause));
    snprintf(text, sizeof(text), "serial port: %s: %s", what, cause);
    self->host.tell(self->host.machine, ABX_EVENT_DEVICE_FAILED, (uint64_t)error, text);
}

static void update_line(serial *self)
{
    bool level = self->chip->interrupts(self->state);
    if (level == self->level)
        return;
    self->level = level;
    if (self->host.set_line)
        self->host.set_line(self->host.machine, self->line, level);
}

/* Under the lock: the input thread goes on once the receiver is empty, so that it is woken once for a full FIFO. */
static void wake_input(serial *self)
{
    if (!self->input_waits || self->paused || self->chip->received(self->state) > 0 ||
        self->chip->room(self->state) == 0)
        return;
    self->input_waits = false;
    abx_wakeup_raise(&self->wakeup);
}

/* Writes out what was sent, in the order in which it was taken: by one thread at a time. */
static void flush(serial *self)
{
    uint8_t bytes[ABX_SERIAL_FIFO];
    int error = 0;
    pthread_mutex_lock(&self->output_lock);
    for (;;) {
        pthread_mutex_lock(&self->lock);
        size_t count = self->chip->take_sent(self->state, bytes);
        pthread_mutex_unlock(&self->lock);
        if (count == 0)
            break;
        error = abx_serial_output_write(&self->output, bytes, count);
        if (error)
            tell_failure(self, "output", error);
    }
    pthread_mutex_unlock(&self->output_lock);
}

/* Under the lock, which it gives up meanwhile: makes sure that at most `count` sent bytes are inside. */
static void drain_to(serial *self, size_t count)
{
    while (self->chip->sent(self->state) > count) {
        pthread_mutex_unlock(&self->lock);
        flush(self);
        pthread_mutex_lock(&self->lock);
    }
}

static uint64_t serial_read(void *device, uint64_t offset, uint32_t size)
{
    serial *self = device;
    (void)size;
    pthread_mutex_lock(&self->lock);
    if (self->chip->tells_sent(offset))
        drain_to(self, 0);
    uint64_t value = self->chip->read(self->state, offset);
    update_line(self);
    wake_input(self);
    pthread_mutex_unlock(&self->lock);
    return value;
}

static void serial_write(void *device, uint64_t offset, uint32_t size, uint64_t value)
{
    serial *self = device;
    (void)size;
    pthread_mutex_lock(&self->lock);
    drain_to(self, ABX_SERIAL_FIFO - 1);
    self->chip->write(self->state, offset, (uint32_t)value);
    update_line(self);
    wake_input(self);
    /* Without an interrupt the guest would not come back for the rest. */
    bool due = self->host.set_line ? self->chip->send_due(self->state) : self->chip->sent(self->state) > 0;
    pthread_mutex_unlock(&self->lock);
    if (due)
        flush(self);
}

/*
 * Hands what was read to the guest as far as there is room; returns how many bytes it wants to have read next. Zero:
 * it waits for wake_input().
 */
static size_t hand_over(serial *self, uint8_t *bytes, size_t *count)
{
    pthread_mutex_lock(&self->lock);
    size_t room = self->paused ? 0 : self->chip->room(self->state);
    size_t taken = *count < room ? *count : room;
    self->chip->receive(self->state, bytes, taken);
    update_line(self);
    memmove(bytes, bytes + taken, *count - taken);
    *count -= taken;
    room = *count > 0 ? 0 : room - taken;
    self->input_waits = room == 0;
    wake_input(self);
    pthread_mutex_unlock(&self->lock);
    return room;
}

/* Reads at most `room` bytes when there are some; false at the end of the input. */
static bool fetch(serial *self, uint8_t *bytes, size_t room, size_t *count)
{
    struct pollfd polled[] = {
        { .fd = self->wakeup.fd, .events = POLLIN },
        { .fd = room > 0 ? self->input_fd : -1, .events = POLLIN },
    };
    if (poll(polled, 2, -1) < 0)
        return errno == EINTR || errno == EAGAIN || errno == ENOMEM;
    if (polled[0].revents)
        abx_wakeup_lower(&self->wakeup);
    if (room == 0 || !polled[1].revents)
        return true;
    ssize_t got = read(self->input_fd, bytes, room);
    if (got < 0) {
        if (errno == EINTR || errno == EAGAIN)
            return true;
        tell_failure(self, "input", errno);
        return false;
    }
    *count = (size_t)got;
    return got > 0;
}

/* Input that cannot be given to the guest yet stays here, where neither a reset of its FIFO nor a pause loses it. */
static void *read_input(void *argument)
{
    serial *self = argument;
    uint8_t bytes[ABX_SERIAL_FIFO];
    size_t count = 0;
    bool open = true;
    abx_thread_set_name("abx-serial");
    while (!atomic_load(&self->ending) && (open || count > 0)) {
        size_t room = hand_over(self, bytes, &count);
        open = fetch(self, bytes, room, &count) && open;
    }
    return NULL;
}

static void serial_resume(void *device)
{
    serial *self = device;
    pthread_mutex_lock(&self->lock);
    self->paused = false;
    wake_input(self);
    pthread_mutex_unlock(&self->lock);
}

static void serial_pause(void *device)
{
    serial *self = device;
    pthread_mutex_lock(&self->lock);
    self->paused = true;
    pthread_mutex_unlock(&self->lock);
}

static void serial_drain(void *device)
{
    flush(device);
}

static void serial_abandon(void *device)
{
    serial *self = device;
    if (self->output.abandon.fd >= 0)
        abx_wakeup_raise(&self->output.abandon);
}

static void serial_free(void *device)
{
    serial *self = device;
    if (self->has_thread) {
        atomic_store(&self->ending, true);
        abx_wakeup_raise(&self->wakeup);
        pthread_join(self->thread, NULL);
    }
    abx_wakeup_close(&self->wakeup);
    abx_serial_output_close(&self->output);
    pthread_mutex_destroy(&self->output_lock);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

static const abx_device_ops ops = {
    .resume = serial_resume,
    .pause = serial_pause,
    .drain = serial_drain,
    .abandon = serial_abandon,
    .free = serial_free,
};

static abx_status start_input(serial *self)
{
    abx_status status = abx_wakeup_open(&self->wakeup);
    if (status == ABX_OK)
        status = abx_thread_start(&self->thread, read_input, self, "abx-serial");
    self->has_thread = status == ABX_OK;
    return status;
}

abx_status abx_serial_new(abx_device *out, const abx_device_host *host, const abx_serial_place *place, int input_fd,
                          int output_fd)
{
    serial *self = calloc(1, sizeof(*self) + place->chip->state_size);
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make the serial port");
    self->host = *host;
    self->chip = place->chip;
    self->line = place->line;
    self->paused = true;
    self->input_fd = input_fd;
    self->wakeup.fd = -1;
    self->chip->reset(self->state);
    pthread_mutex_init(&self->lock, NULL);
    pthread_mutex_init(&self->output_lock, NULL);
    self->output = (abx_serial_output){ .fd = -1, .abandon = { -1 } };

    const abx_bus_range range = {
        .base = place->base,
        .length = place->chip->length,
        .name = "serial port",
        .device = self,
        .read = serial_read,
        .write = serial_write,
    };
    abx_status status = abx_serial_output_open(&self->output, output_fd);
    if (status == ABX_OK && input_fd >= 0)
        status = start_input(self);
    if (status == ABX_OK)
        status = abx_bus_add(place->bus, &range);
    if (status != ABX_OK) {
        serial_free(self);
        return status;
    }
    *out = (abx_device){ &ops, self };
    return ABX_OK;
}
