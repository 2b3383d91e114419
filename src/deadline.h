/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A moment on the monotonic clock until which something may take. */
#ifndef ABX_SRC_DEADLINE_H
#define ABX_SRC_DEADLINE_H

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

typedef struct abx_deadline {
    struct timespec at;
} abx_deadline;

abx_deadline abx_deadline_in(int milliseconds);

/* Milliseconds that are left, rounded up, for poll(2); 0 when it has passed. */
int abx_deadline_left(abx_deadline deadline);

/* Of the operating system: deadline_<system>.c. */

/* A condition variable that abx_deadline_wait() can wait for. Returns 0 or an errno. */
int abx_deadline_cond_init(pthread_cond_t *cond);

/* Waits for `cond`; false when the deadline has passed. */
bool abx_deadline_wait(pthread_cond_t *cond, pthread_mutex_t *lock, abx_deadline deadline);

#endif
