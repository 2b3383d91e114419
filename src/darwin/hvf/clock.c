/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "clock.h"
#include "hv_api.h"

enum {
    TOLERANCES_PER_SECOND = 1000,
    FIRST_READINGS = 8, /* the largest of them has no interruption in it */
};

static uint64_t read_slept(void)
{
    uint64_t continuous = mach_continuous_time();
    return abx_clock_slept(continuous, mach_absolute_time());
}

void abx_hvf_clock_init(abx_hvf_clock *clock, uint32_t frequency)
{
    uint64_t slept = 0;
    for (int i = 0; i < FIRST_READINGS; i++) {
        uint64_t reading = read_slept();
        slept = reading > slept ? reading : slept;
    }
    atomic_init(&clock->slept, slept);
    atomic_init(&clock->offset, mach_absolute_time());
    clock->tolerance = frequency / TOLERANCES_PER_SECOND;
    pthread_mutex_init(&clock->lock, NULL);
}

void abx_hvf_clock_end(abx_hvf_clock *clock)
{
    pthread_mutex_destroy(&clock->lock);
}

bool abx_hvf_clock_check(abx_hvf_clock *clock)
{
    uint64_t slept = read_slept();
    if (!abx_clock_has_slept(slept, atomic_load(&clock->slept), clock->tolerance))
        return false;
    pthread_mutex_lock(&clock->lock);
    uint64_t known = atomic_load(&clock->slept);
    bool changed = abx_clock_has_slept(slept, known, clock->tolerance);
    if (changed) {
        atomic_store(&clock->offset, abx_clock_move(atomic_load(&clock->offset), slept, known));
        atomic_store(&clock->slept, slept);
    }
    pthread_mutex_unlock(&clock->lock);
    return changed;
}

uint64_t abx_hvf_clock_count(abx_hvf_clock *clock)
{
    abx_hvf_clock_check(clock);
    return mach_absolute_time() - atomic_load(&clock->offset);
}

void abx_hvf_clock_set(abx_hvf_clock *clock, uint64_t count)
{
    abx_hvf_clock_check(clock);
    pthread_mutex_lock(&clock->lock);
    atomic_store(&clock->offset, mach_absolute_time() - count);
    pthread_mutex_unlock(&clock->lock);
}
