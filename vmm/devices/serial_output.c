/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "devices/serial_output.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * poll(2) promises room for PIPE_BUF bytes in a pipe, for one byte in a terminal, and nothing waits for a file. Sockets
 * are writable when a good part of their buffer is free.
 */
static size_t safe_chunk(int fd)
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        return 1;
    if (S_ISREG(status.st_mode))
        return 0;
    return S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) ? PIPE_BUF : 1;
}

abx_status abx_serial_output_open(abx_serial_output *output, int fd)
{
    abx_serial_output fresh = { .fd = fd, .abandon = { -1 } };
    if (fd >= 0) {
        fresh.chunk = safe_chunk(fd);
        abx_status status = abx_wakeup_open(&fresh.abandon);
        if (status != ABX_OK)
            return status;
    }
    *output = fresh;
    return ABX_OK;
}

void abx_serial_output_close(abx_serial_output *output)
{
    abx_wakeup_close(&output->abandon);
    output->fd = -1;
}

/* Waits for room. False: it was abandoned. */
static bool wait_for_room(const abx_serial_output *output)
{
    struct pollfd polled[] = {
        { .fd = output->fd, .events = POLLOUT },
        { .fd = output->abandon.fd, .events = POLLIN },
    };
    while (poll(polled, 2, -1) < 0) {
        if (errno != EINTR && errno != EAGAIN && errno != ENOMEM)
            return false;
    }
    return !polled[1].revents;
}

int abx_serial_output_write(abx_serial_output *output, const uint8_t *bytes, size_t count)
{
    while (count > 0 && output->fd >= 0) {
        size_t chunk = output->chunk && output->chunk < count ? output->chunk : count;
        if (output->chunk && !wait_for_room(output)) {
            output->fd = -1;
            return 0;
        }
        ssize_t written = write(output->fd, bytes, chunk);
        if (written >= 0) {
            bytes += written;
            count -= (size_t)written;
        } else if (errno != EINTR && errno != EAGAIN) {
            output->fd = -1;
            return errno;
        }
    }
    return 0;
}
