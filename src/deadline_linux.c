/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "deadline.h"

int abx_deadline_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attributes;
    int error = pthread_condattr_init(&attributes);
    if (error)
        return error;
    error = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    if (!error)
        error = pthread_cond_init(cond, &attributes);
    pthread_condattr_destroy(&attributes);
    return error;
}

bool abx_deadline_wait(pthread_cond_t *cond, pthread_mutex_t *lock, abx_deadline deadline)
{
    return pthread_cond_timedwait(cond, lock, &deadline.at) == 0;
}
