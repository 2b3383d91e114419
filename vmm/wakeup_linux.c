/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "wakeup.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

abx_status abx_wakeup_open(abx_wakeup *wakeup)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "create an event descriptor");
    *wakeup = (abx_wakeup){ fd, fd };
    return ABX_OK;
}

void abx_wakeup_close(abx_wakeup *wakeup)
{
    if (wakeup->fd >= 0)
        close(wakeup->fd);
    wakeup->fd = -1;
}

/* The descriptor does not block: EAGAIN means that it is as it shall be already. */
void abx_wakeup_raise(const abx_wakeup *wakeup)
{
    const uint64_t one = 1;
    while (write(wakeup->fd, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
}

void abx_wakeup_lower(const abx_wakeup *wakeup)
{
    uint64_t count;
    while (read(wakeup->fd, &count, sizeof(count)) < 0 && errno == EINTR)
        ;
}
