/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ready.h"

#include <errno.h>
#include <unistd.h>

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
