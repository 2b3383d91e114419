/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ready.h"

#include <errno.h>
#include <sys/eventfd.h>

abx_status abx_ready_open(abx_ready *ready)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "create an event descriptor");
    *ready = (abx_ready){ fd, fd };
    return ABX_OK;
}
