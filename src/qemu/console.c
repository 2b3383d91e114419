/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "console.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { GUEST, INPUT, OUTPUT };

void abx_console_init(abx_console *console, const abx_part *part, int guest_fd)
{
    const abx_serial_config *ends = part->ends;
    *console = (abx_console){
        .guest_fd = guest_fd,
        .input_fd = ends->input_fd,
        .output_fd = ends->output_fd,
        .closes = part->name && (ends->input_fd >= 0 || ends->output_fd >= 0),
        .kind = part->device->kind,
        .port = part->port,
    };
}

static void close_guest(abx_console *console)
{
    if (console->guest_fd >= 0)
        close(console->guest_fd);
    console->guest_fd = -1;
}

void abx_console_end(abx_console *console)
{
    close_guest(console);
}

static bool is_empty(const abx_console_buffer *buffer)
{
    return buffer->start == buffer->end;
}

/* Not O_NONBLOCK, which whoever shares the descriptor would feel: sockets have a flag for one call, others are only
 * touched when poll(2) says that they are ready. */
static ssize_t read_some(int fd, char *bytes, size_t size)
{
    ssize_t length = recv(fd, bytes, size, MSG_DONTWAIT);
    return length < 0 && errno == ENOTSOCK ? read(fd, bytes, size) : length;
}

static ssize_t write_some(int fd, const char *bytes, size_t size)
{
    ssize_t length = send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    return length < 0 && errno == ENOTSOCK ? write(fd, bytes, size) : length;
}

static bool is_transient(void)
{
    return errno == EAGAIN || errno == EINTR;
}

/* False at the end of `fd` or when it fails. */
static bool fill(abx_console_buffer *buffer, int fd)
{
    ssize_t length = read_some(fd, buffer->bytes, sizeof(buffer->bytes));
    if (length < 0)
        return is_transient();
    buffer->start = 0;
    buffer->end = (size_t)length;
    return length > 0;
}

/* False when `fd` fails. */
static bool empty(abx_console_buffer *buffer, int fd)
{
    ssize_t length = write_some(fd, buffer->bytes + buffer->start, buffer->end - buffer->start);
    if (length < 0)
        return is_transient();
    buffer->start += (size_t)length;
    return true;
}

/* What the guest has still said can be read after it stopped listening. */
static void put_in(abx_console *console)
{
    if (empty(&console->to_guest, console->guest_fd))
        return;
    console->input_fd = -1;
    console->to_guest.start = console->to_guest.end;
}

static void lose_output(abx_console *console, int error)
{
    console->output_error = error;
    console->output_fd = -1;
}

static void put_out(abx_console *console)
{
    if (console->output_fd >= 0 && !empty(&console->from_guest, console->output_fd))
        lose_output(console, errno);
    if (console->output_fd < 0)
        console->from_guest.start = console->from_guest.end;
}

static bool is_hung_up(int fd)
{
    struct pollfd polled = { .fd = fd };
    return poll(&polled, 1, 0) > 0 && (polled.revents & (POLLHUP | POLLERR));
}

/* Whoever closed both directions at once is seen here first. */
static void end_input(abx_console *console)
{
    console->input_fd = -1;
    if (console->closes && console->output_fd >= 0 && is_hung_up(console->output_fd))
        lose_output(console, EPIPE);
}

/* Half of it, so that QEMU still reads what is on its way, and then closes the port to the guest. */
static void update_open(abx_console *console)
{
    bool is_over = console->input_fd < 0 && console->output_fd < 0 && is_empty(&console->to_guest);
    if (!console->closes || console->closed || console->guest_fd < 0 || !is_over)
        return;
    console->closed = true;
    if (shutdown(console->guest_fd, SHUT_WR) != 0)
        close_guest(console);
}

static struct pollfd wait_for(int fd, short events)
{
    return (struct pollfd){ .fd = events ? fd : -1, .events = events };
}

void abx_console_prepare(const abx_console *console, struct pollfd *fds)
{
    bool incoming = !is_empty(&console->to_guest);
    bool outgoing = !is_empty(&console->from_guest);
    short guest = (short)((incoming ? POLLOUT : 0) | (outgoing ? 0 : POLLIN));
    fds[GUEST] = wait_for(console->guest_fd, guest);
    fds[INPUT] = wait_for(incoming || console->guest_fd < 0 ? -1 : console->input_fd, POLLIN);
    fds[OUTPUT] = wait_for(outgoing ? console->output_fd : -1, POLLOUT);
}

void abx_console_serve(abx_console *console, const struct pollfd *fds)
{
    bool guest_reads = fds[GUEST].fd >= 0 && (fds[GUEST].revents & POLLOUT);
    bool guest_wrote = fds[GUEST].fd >= 0 && (fds[GUEST].revents & ~POLLOUT);

    if (fds[INPUT].fd >= 0 && fds[INPUT].revents && !fill(&console->to_guest, console->input_fd))
        end_input(console);
    else if (guest_reads)
        put_in(console);
    if (fds[OUTPUT].fd >= 0 && fds[OUTPUT].revents)
        put_out(console);
    else if (guest_wrote && is_empty(&console->from_guest) && !fill(&console->from_guest, console->guest_fd))
        close_guest(console);
    if (console->output_fd < 0)
        put_out(console);
    update_open(console);
}

bool abx_console_drain(abx_console *console, struct pollfd *output)
{
    console->input_fd = -1;
    for (;;) {
        if (is_empty(&console->from_guest)) {
            if (console->guest_fd < 0)
                return false;
            bool open = fill(&console->from_guest, console->guest_fd);
            if (!open || is_empty(&console->from_guest))
                close_guest(console);
            continue;
        }
        if (console->output_fd >= 0) {
            *output = wait_for(console->output_fd, POLLOUT);
            if (poll(output, 1, 0) != 1)
                return true;
        }
        put_out(console);
    }
}
