/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "condition.h"

int abx_condition_init(pthread_cond_t *condition)
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

int abx_condition_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, const struct timespec *deadline)
{
    return pthread_cond_timedwait(condition, lock, deadline);
}
