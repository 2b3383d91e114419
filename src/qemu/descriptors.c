/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Replaces *fd by a duplicate above the standard descriptors where need be. Returns 0 or an errno. */
static int lift(int *fd)
{
    if (*fd > STDERR_FILENO)
        return 0;
    int lifted = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (lifted < 0)
        return errno;
    close(*fd);
    *fd = lifted;
    return 0;
}

static int lift_both(int ends[2], const int raw[2])
{
    int pair[2] = { raw[0], raw[1] };
    int error = lift(&pair[0]);
    if (!error)
        error = lift(&pair[1]);
    if (error) {
        abx_close_pair(pair);
        return error;
    }
    ends[0] = pair[0];
    ends[1] = pair[1];
    return 0;
}

int abx_open_pipe(int ends[2])
{
    int raw[2];
    return pipe2(raw, O_CLOEXEC) == 0 ? lift_both(ends, raw) : errno;
}

int abx_open_sockets(int ends[2])
{
    int raw[2];
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, raw) == 0 ? lift_both(ends, raw) : errno;
}

void abx_close_pair(const int ends[2])
{
    close(ends[0]);
    close(ends[1]);
}
