/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Conditions wait by the wall clock, or for a length of time: that is what does not jump. */
#include "condition.h"

#include <errno.h>
#include <stdbool.h>

int abx_condition_init(pthread_cond_t *condition)
{
    return pthread_cond_init(condition, NULL);
}

/* False: it has passed. */
static bool time_left(const struct timespec *deadline, struct timespec *left)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    left->tv_sec = deadline->tv_sec - now.tv_sec;
    left->tv_nsec = deadline->tv_nsec - now.tv_nsec;
    if (left->tv_nsec < 0) {
        left->tv_nsec += 1000000000L;
        left->tv_sec--;
    }
    return left->tv_sec >= 0 && (left->tv_sec > 0 || left->tv_nsec > 0);
}

int abx_condition_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, const struct timespec *deadline)
{
    struct timespec left;
    return time_left(deadline, &left) ? pthread_cond_timedwait_relative_np(condition, lock, &left) : ETIMEDOUT;
}
