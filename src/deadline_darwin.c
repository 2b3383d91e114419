/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Conditions wait by the wall clock, or for a length of time: that is what does not jump. */
#include "deadline.h"

int abx_deadline_cond_init(pthread_cond_t *cond)
{
    return pthread_cond_init(cond, NULL);
}

bool abx_deadline_wait(pthread_cond_t *cond, pthread_mutex_t *lock, abx_deadline deadline)
{
    int milliseconds = abx_deadline_left(deadline);
    struct timespec left = { milliseconds / 1000, milliseconds % 1000 * 1000000L };
    return milliseconds > 0 && pthread_cond_timedwait_relative_np(cond, lock, &left) == 0;
}
