/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

/* A pipe that is ready for writing takes that much without blocking. */
enum { PORTION = PIPE_BUF };

/* More than a pipe holds is moved at once, but not for ever: there may be something else to do. */
enum { TURNS = 256 };

abx_status abx_vz_outlet_open(abx_vz_outlet *outlet, int sink, int *guest_fd)
{
    int ends[2];
    if (pipe(ends) != 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "make a pipe for a console");
    if (fcntl(ends[0], F_SETFD, FD_CLOEXEC) != 0 || fcntl(ends[1], F_SETFD, FD_CLOEXEC) != 0 ||
        fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        int error = errno;
        close(ends[0]);
        close(ends[1]);
        return abx_fail(abx_status_of_errno(error), error, NULL, "prepare a pipe for a console");
    }
    outlet->source = ends[0];
    outlet->sink = sink;
    outlet->start = outlet->length = 0;
    outlet->lost = 0;
    *guest_fd = ends[1];
    return ABX_OK;
}

static void close_source(abx_vz_outlet *outlet)
{
    if (outlet->source >= 0)
        close(outlet->source);
    outlet->source = -1;
}

void abx_vz_outlet_close(abx_vz_outlet *outlet)
{
    close_source(outlet);
}

static bool is_transient(void)
{
    return errno == EAGAIN || errno == EINTR;
}

/* One read; false when there is nothing more. */
static bool take(abx_vz_outlet *outlet)
{
    char nowhere[PORTION];
    size_t end = (outlet->start + outlet->length) % ABX_VZ_OUTLET_ROOM;
    size_t room = ABX_VZ_OUTLET_ROOM - outlet->length;
    size_t piece = end + room > ABX_VZ_OUTLET_ROOM ? ABX_VZ_OUTLET_ROOM - end : room;
    bool keeps = outlet->sink >= 0 && room > 0;
    ssize_t length = read(outlet->source, keeps ? outlet->bytes + end : nowhere, keeps ? piece : sizeof(nowhere));
    if (length == 0 || (length < 0 && !is_transient()))
        close_source(outlet);
    if (length <= 0)
        return length < 0 && errno == EINTR;
    if (keeps)
        outlet->length += (size_t)length;
    else
        outlet->lost += (uint64_t)length;
    return true;
}

static bool is_ready(int fd)
{
    struct pollfd poller = { .fd = fd, .events = POLLOUT };
    return poll(&poller, 1, 0) == 1;
}

/* One write; false when there is nothing more, or the caller does not read. */
static bool give(abx_vz_outlet *outlet)
{
    if (outlet->sink < 0 || outlet->length == 0 || !is_ready(outlet->sink))
        return false;
    size_t piece = ABX_VZ_OUTLET_ROOM - outlet->start;
    if (piece > outlet->length)
        piece = outlet->length;
    ssize_t length = write(outlet->sink, outlet->bytes + outlet->start, piece < PORTION ? piece : PORTION);
    if (length < 0 && is_transient())
        return errno == EINTR;
    if (length < 0) {
        outlet->lost += outlet->length;
        outlet->length = 0;
        outlet->sink = -1;
        return false;
    }
    outlet->start = (outlet->start + (size_t)length) % ABX_VZ_OUTLET_ROOM;
    outlet->length -= (size_t)length;
    return true;
}

void abx_vz_outlet_move(abx_vz_outlet *outlet)
{
    /* In turn, so that a reader who keeps up loses nothing. */
    bool moves = true;
    for (int turn = 0; turn < TURNS && moves; turn++) {
        moves = outlet->source >= 0 && take(outlet);
        while (give(outlet))
            moves = true;
    }
}
