/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "wakeup.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static bool prepare(int fd)
{
    return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

abx_status abx_wakeup_open(abx_wakeup *wakeup)
{
    int ends[2];
    if (pipe(ends) < 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "create a pipe for wake-ups");
    if (!prepare(ends[0]) || !prepare(ends[1])) {
        int error = errno;
        close(ends[0]);
        close(ends[1]);
        return abx_fail(abx_status_of_errno(error), error, NULL, "prepare a pipe for wake-ups");
    }
    *wakeup = (abx_wakeup){ ends[0], ends[1] };
    return ABX_OK;
}

void abx_wakeup_close(abx_wakeup *wakeup)
{
    if (wakeup->fd >= 0) {
        close(wakeup->fd);
        close(wakeup->raise_fd);
    }
    *wakeup = (abx_wakeup){ -1, -1 };
}

/* Neither end blocks: EAGAIN means that it is as it shall be already. */
void abx_wakeup_raise(const abx_wakeup *wakeup)
{
    const char one = 1;
    while (write(wakeup->raise_fd, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
}

/* However often it was raised. */
void abx_wakeup_lower(const abx_wakeup *wakeup)
{
    char bytes[64];
    ssize_t length;
    do {
        length = read(wakeup->fd, bytes, sizeof(bytes));
    } while (length > 0 || (length < 0 && errno == EINTR));
}
