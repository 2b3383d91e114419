/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The host's clocks, in ticks of 24 MHz as on Apple silicon. */
#include "model.h"
#include "power.h"

#include <time.h>

static atomic_uint_fast64_t slept; /* ticks */

static uint64_t ticks(uint64_t seconds, uint64_t nanoseconds)
{
    return seconds * MODEL_FREQUENCY + nanoseconds * (MODEL_FREQUENCY / 1000000) / 1000;
}

uint64_t mach_absolute_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return ticks((uint64_t)now.tv_sec, (uint64_t)now.tv_nsec);
}

uint64_t mach_continuous_time(void)
{
    return mach_absolute_time() + slept;
}

int mach_timebase_info(struct mach_timebase_info *info)
{
    *info = (struct mach_timebase_info){ .numer = 125, .denom = 3 };
    return 0;
}

void standin_sleep(uint64_t nanoseconds)
{
    slept += ticks(nanoseconds / 1000000000, nanoseconds % 1000000000);
    power_tell_woke();
}
