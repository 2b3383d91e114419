/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A wait for a length of time, as the C library of macOS has it. */
#ifndef TESTS_DARWIN_RELATIVE_WAIT_H
#define TESTS_DARWIN_RELATIVE_WAIT_H

#include <pthread.h>
#include <time.h>

static inline int pthread_cond_timedwait_relative_np(pthread_cond_t *condition, pthread_mutex_t *lock,
                                                     const struct timespec *length)
{
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += length->tv_sec;
    end.tv_nsec += length->tv_nsec;
    if (end.tv_nsec >= 1000000000L) {
        end.tv_nsec -= 1000000000L;
        end.tv_sec++;
    }
    return pthread_cond_timedwait(condition, lock, &end);
}

#endif
