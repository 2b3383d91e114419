/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "clock.h"

#define NANOSECONDS UINT64_C(1000000000)

/* The clock that goes on was read first: what comes between the two readings makes the difference smaller, never
 * larger. */
uint64_t abx_clock_slept(uint64_t continuous, uint64_t absolute)
{
    return continuous > absolute ? continuous - absolute : 0;
}

bool abx_clock_has_slept(uint64_t slept, uint64_t known, uint64_t tolerance)
{
    return slept > known && slept - known > tolerance;
}

uint64_t abx_clock_move(uint64_t offset, uint64_t slept, uint64_t known)
{
    return offset - (slept - known);
}

uint64_t abx_clock_nanoseconds(uint64_t ticks, uint32_t frequency)
{
    return ticks / frequency * NANOSECONDS + ticks % frequency * NANOSECONDS / frequency;
}

uint32_t abx_clock_frequency(uint32_t numer, uint32_t denom)
{
    uint64_t frequency = numer ? NANOSECONDS * denom / numer : 0;
    return frequency <= UINT32_MAX ? (uint32_t)frequency : 0;
}
