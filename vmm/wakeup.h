/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A descriptor that ends somebody's poll(2). */
#ifndef ABX_VMM_WAKEUP_H
#define ABX_VMM_WAKEUP_H

#include <arcbox/error.h>

typedef struct abx_wakeup {
    int fd;       /* readable after abx_wakeup_raise(), until abx_wakeup_lower(); -1: not open */
    int raise_fd; /* of the functions below: where the system needs a second one */
} abx_wakeup;

/* Errors: ABX_ERR_LIMIT, ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM. */
abx_status abx_wakeup_open(abx_wakeup *wakeup);

/* Closes it if it is open. */
void abx_wakeup_close(abx_wakeup *wakeup);

/* Any thread. Raising twice is as raising once. */
void abx_wakeup_raise(const abx_wakeup *wakeup);
void abx_wakeup_lower(const abx_wakeup *wakeup);

#endif
