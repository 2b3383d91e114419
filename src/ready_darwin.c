/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ready.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

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
