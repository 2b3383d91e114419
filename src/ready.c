/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ready.h"

#include <errno.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/eventfd.h>

abx_status abx_ready_open(abx_ready *ready)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "create an event descriptor");
    *ready = (abx_ready){ fd, fd };
    return ABX_OK;
}
#else
#include <fcntl.h>

static bool prepare(int fd)
{
    return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

abx_status abx_ready_open(abx_ready *ready)
{
    int ends[2];
    if (pipe(ends) < 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "create a pipe for events");
    if (!prepare(ends[0]) || !prepare(ends[1])) {
        int error = errno;
        close(ends[0]);
        close(ends[1]);
        return abx_fail(abx_status_of_errno(error), error, NULL, "prepare a pipe for events");
    }
    *ready = (abx_ready){ ends[0], ends[1] };
    return ABX_OK;
}
#endif

void abx_ready_close(abx_ready *ready)
{
    close(ready->read_fd);
    if (ready->write_fd != ready->read_fd)
        close(ready->write_fd);
    *ready = (abx_ready){ -1, -1 };
}

/* One token at most is inside, and 8 bytes are one token for an event descriptor and for a pipe alike. */
void abx_ready_raise(const abx_ready *ready)
{
    const uint64_t token = 1;
    while (write(ready->write_fd, &token, sizeof(token)) < 0 && errno == EINTR)
        ;
}

void abx_ready_lower(const abx_ready *ready)
{
    uint64_t token;
    while (read(ready->read_fd, &token, sizeof(token)) < 0 && errno == EINTR)
        ;
}
