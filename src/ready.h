/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A descriptor that is readable while something waits: level-triggered, for poll, epoll and kqueue. */
#ifndef ABX_SRC_READY_H
#define ABX_SRC_READY_H

#include <arcbox/error.h>

typedef struct abx_ready {
    int read_fd; /* what is polled */
    int write_fd;
} abx_ready;

/* Opens one that is not readable. Errors: ABX_ERR_LIMIT, ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM. */
abx_status abx_ready_open(abx_ready *ready);
void abx_ready_close(abx_ready *ready);

/* Makes it readable or not. The caller raises and lowers in turn and serialises the calls. */
void abx_ready_raise(const abx_ready *ready);
void abx_ready_lower(const abx_ready *ready);

#endif
