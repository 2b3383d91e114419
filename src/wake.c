/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "wake.h"

#include <errno.h>

abx_status abx_wake_init(abx_wake *wake)
{
    atomic_init(&wake->sleeping, false);
    if (sem_init(&wake->posts, 0, 0) < 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "create a semaphore");
    return ABX_OK;
}

void abx_wake_end(abx_wake *wake)
{
    sem_destroy(&wake->posts);
}

void abx_wake_prepare(abx_wake *wake)
{
    atomic_store(&wake->sleeping, true);
}

void abx_wake_cancel(abx_wake *wake)
{
    /* Whoever took the mark away posts, or has posted: that post must not wake the next sleep. */
    if (!atomic_exchange(&wake->sleeping, false))
        abx_wake_wait(wake);
}

void abx_wake_wait(abx_wake *wake)
{
    while (sem_wait(&wake->posts) < 0 && errno == EINTR)
        ;
}

void abx_wake_post(abx_wake *wake)
{
    if (atomic_exchange(&wake->sleeping, false)) {
        int saved = errno;
        sem_post(&wake->posts);
        errno = saved;
    }
}
