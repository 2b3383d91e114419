/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "wake.h"

#include <errno.h>

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

void abx_wake_post(abx_wake *wake)
{
    if (atomic_exchange(&wake->sleeping, false)) {
        int saved = errno;
        abx_wake_send(wake);
        errno = saved;
    }
}
