/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A VM's virtual counter. The framework counts mach_absolute_time(), which stands still while the host sleeps; this
 * moves the counter's offset by the sleep, so that the guest's clock is right afterwards.
 */
#ifndef ABX_DARWIN_HVF_CLOCK_H
#define ABX_DARWIN_HVF_CLOCK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct abx_hvf_clock {
    atomic_uint_fast64_t offset; /* CNTVCT_EL0 is mach_absolute_time() - offset */
    atomic_uint_fast64_t slept;  /* ticks, since the host started, that the offset has in it */
    uint64_t tolerance;          /* ticks: a shorter sleep is none */
    pthread_mutex_t lock;        /* of changes */
} abx_hvf_clock;

/* Starts it at 0. `frequency` is that of the host's ticks. */
void abx_hvf_clock_init(abx_hvf_clock *clock, uint32_t frequency);
void abx_hvf_clock_end(abx_hvf_clock *clock);

/* Looks whether the host has slept; true when the offset has changed. Any thread. */
bool abx_hvf_clock_check(abx_hvf_clock *clock);

/* The count now, and setting it. Any thread. */
uint64_t abx_hvf_clock_count(abx_hvf_clock *clock);
void abx_hvf_clock_set(abx_hvf_clock *clock, uint64_t count);

/* clock_math.c. Pure. */

/* Ticks that the host has slept at least. `continuous` was read first. */
uint64_t abx_clock_slept(uint64_t continuous, uint64_t absolute);
/* Whether `slept` is that much more than what is `known`. */
bool abx_clock_has_slept(uint64_t slept, uint64_t known, uint64_t tolerance);
/* The offset after more sleep, which the guest's count then includes. */
uint64_t abx_clock_move(uint64_t offset, uint64_t slept, uint64_t known);
/* Ticks as nanoseconds. `frequency` is that of the ticks. */
uint64_t abx_clock_nanoseconds(uint64_t ticks, uint32_t frequency);
/* Ticks per second where `denom` ticks are `numer` nanoseconds; 0 when that makes no sense. */
uint32_t abx_clock_frequency(uint32_t numer, uint32_t denom);

#endif
