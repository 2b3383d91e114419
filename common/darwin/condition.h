/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * As the header of that name for Linux. Here conditions wait by the wall clock, or for a length of time: that is what
 * does not jump. Apple does not say whether that length has the host's sleep in it; the monotonic clock has. A waiter
 * that is woken after a sleep finds its deadline right.
 */
#ifndef ABX_CONDITION_H
#define ABX_CONDITION_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <time.h>

static inline int abx_condition_init(pthread_cond_t *condition)
{
    return pthread_cond_init(condition, NULL);
}

/* False: it has passed. */
static inline bool abx_condition_time_left(const struct timespec *deadline, struct timespec *left)
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

static inline int abx_condition_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock,
                                           const struct timespec *deadline)
{
    struct timespec left;
    return abx_condition_time_left(deadline, &left) ? pthread_cond_timedwait_relative_np(condition, lock, &left)
                                                    : ETIMEDOUT;
}

#endif
