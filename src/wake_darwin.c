/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* There are no unnamed semaphores, and no lock may be taken in a signal handler: a descriptor it is. */
#include "wake.h"

#include <errno.h>
#include <poll.h>

abx_status abx_wake_init(abx_wake *wake)
{
    atomic_init(&wake->sleeping, false);
    return abx_ready_open(&wake->posts.descriptor);
}

void abx_wake_end(abx_wake *wake)
{
    abx_ready_close(&wake->posts.descriptor);
}

void abx_wake_wait(abx_wake *wake)
{
    struct pollfd polled = { .fd = wake->posts.descriptor.read_fd, .events = POLLIN };
    /* EAGAIN: the system is short of something for a moment. */
    while (poll(&polled, 1, -1) < 0 && (errno == EINTR || errno == EAGAIN))
        ;
    abx_ready_lower(&wake->posts.descriptor);
}

void abx_wake_send(abx_wake *wake)
{
    abx_ready_raise(&wake->posts.descriptor);
}
