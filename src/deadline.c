/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "deadline.h"

#include <limits.h>

abx_deadline abx_deadline_in(int milliseconds)
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

int abx_deadline_left(abx_deadline deadline)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long long left = (long long)(deadline.at.tv_sec - now.tv_sec) * 1000000000LL + (deadline.at.tv_nsec - now.tv_nsec);
    long long milliseconds = (left + 999999) / 1000000;
    if (milliseconds <= 0)
        return 0;
    return milliseconds > INT_MAX ? INT_MAX : (int)milliseconds;
}
