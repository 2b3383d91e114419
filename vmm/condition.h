/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Conditions whose waits may end at a time of the monotonic clock. */
#ifndef ABX_VMM_CONDITION_H
#define ABX_VMM_CONDITION_H

#include <pthread.h>
#include <time.h>

/* As pthread_cond_init(). */
int abx_condition_init(pthread_cond_t *condition);

/* As pthread_cond_timedwait(), `deadline` being a time of CLOCK_MONOTONIC: ETIMEDOUT when it has passed. */
int abx_condition_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, const struct timespec *deadline);

#endif
