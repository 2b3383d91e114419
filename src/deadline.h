/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A moment on the monotonic clock until which something may take. */
#ifndef ABX_SRC_DEADLINE_H
#define ABX_SRC_DEADLINE_H

#include "condition.h"

#include <limits.h>
#include <stdbool.h>

typedef struct abx_deadline {
    struct timespec at;
} abx_deadline;

static inline abx_deadline abx_deadline_in(int milliseconds)
{
    abx_deadline deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline.at);
    deadline.at.tv_sec += milliseconds / 1000;
    deadline.at.tv_nsec += milliseconds % 1000 * 1000000L;
    if (deadline.at.tv_nsec >= 1000000000L) {
        deadline.at.tv_nsec -= 1000000000L;
        deadline.at.tv_sec++;
    }
    return deadline;
}

/* Milliseconds that are left, rounded up, for poll(2); 0 when it has passed. */
static inline int abx_deadline_left(abx_deadline deadline)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long long left = (long long)(deadline.at.tv_sec - now.tv_sec) * 1000000000LL + (deadline.at.tv_nsec - now.tv_nsec);
    long long milliseconds = (left + 999999) / 1000000;
    if (milliseconds <= 0)
        return 0;
    return milliseconds > INT_MAX ? INT_MAX : (int)milliseconds;
}

/* Waits for `cond`, of abx_condition_init(); false when the deadline has passed. */
static inline bool abx_deadline_wait(pthread_cond_t *cond, pthread_mutex_t *lock, abx_deadline deadline)
{
    return abx_condition_wait_until(cond, lock, &deadline.at) == 0;
}

#endif
