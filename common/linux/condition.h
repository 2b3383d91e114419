/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Conditions whose waits may end at a time of the monotonic clock. Both libraries use this header: the build chooses
 * the folder of the operating system. */
#ifndef ABX_CONDITION_H
#define ABX_CONDITION_H

#include <pthread.h>
#include <time.h>

/* As pthread_cond_init(). */
static inline int abx_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t monotonic;
    int error = pthread_condattr_init(&monotonic);
    if (error)
        return error;
    error = pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    if (!error)
        error = pthread_cond_init(condition, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return error;
}

/* As pthread_cond_timedwait(), `deadline` being a time of CLOCK_MONOTONIC: ETIMEDOUT when it has passed. */
static inline int abx_condition_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock,
                                           const struct timespec *deadline)
{
    return pthread_cond_timedwait(condition, lock, deadline);
}

#endif
