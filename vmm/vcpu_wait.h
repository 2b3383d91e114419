/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How a vCPU's thread waits outside the guest, for an interrupt or to be switched on, and how others reach it there or
 * in the guest. Whoever has something for a vCPU first changes what the thread looks at, and then wakes it.
 */
#ifndef ABX_VMM_VCPU_WAIT_H
#define ABX_VMM_VCPU_WAIT_H

#include <arcbox/vcpu.h>

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

typedef struct abx_vcpu_wait {
    pthread_mutex_t lock;
    pthread_cond_t woken;
    abx_vcpu *vcpu;      /* NULL: none yet, or no more */
    bool over;           /* no wait any more */
    bool expired;        /* the deadline is not right any more */
    atomic_bool running; /* it is in the guest, or on its way in */
} abx_vcpu_wait;

void abx_vcpu_wait_init(abx_vcpu_wait *wait);
void abx_vcpu_wait_end(abx_vcpu_wait *wait);

/* Names the vCPU that a wake-up kicks; NULL before it is destroyed. */
void abx_vcpu_wait_bind(abx_vcpu_wait *wait, abx_vcpu *vcpu);

/* Before and after a run. What is looked at in between is either seen, or its change kicks the vCPU. */
void abx_vcpu_wait_enter(abx_vcpu_wait *wait);
void abx_vcpu_wait_leave(abx_vcpu_wait *wait);

/*
 * Waits until `is_ready`, which must not take a lock, until `deadline` of the monotonic clock (NULL: none), until that
 * is declared expired or until waits are over. True: it is ready.
 */
bool abx_vcpu_wait_for(abx_vcpu_wait *wait, bool (*is_ready)(void *payload), void *payload,
                       const struct timespec *deadline);

/* Lets the thread look again. Any thread. */
void abx_vcpu_wait_wake(abx_vcpu_wait *wait);

/* Ends the present wait that has a deadline, or else the next one: it may be wrong. Any thread. */
void abx_vcpu_wait_expire(abx_vcpu_wait *wait);

/* Ends the vCPU's present run, or else its next one. Any thread. */
void abx_vcpu_wait_kick(abx_vcpu_wait *wait);

/* Ends the wait, and every later one at once. Any thread. */
void abx_vcpu_wait_finish(abx_vcpu_wait *wait);

#endif
