/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "wake.h"

#include <errno.h>

abx_status abx_wake_init(abx_wake *wake)
{
    atomic_init(&wake->sleeping, false);
    if (sem_init(&wake->posts.semaphore, 0, 0) < 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "create a semaphore");
    return ABX_OK;
}

void abx_wake_end(abx_wake *wake)
{
    sem_destroy(&wake->posts.semaphore);
}

void abx_wake_wait(abx_wake *wake)
{
    while (sem_wait(&wake->posts.semaphore) < 0 && errno == EINTR)
        ;
}

void abx_wake_send(abx_wake *wake)
{
    sem_post(&wake->posts.semaphore);
}
