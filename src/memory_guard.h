/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Grace periods: readers announce themselves without a lock and without waiting, and whoever takes something away from
 * them waits until all who may still see it have left. Readers count themselves in one of two phases; a waiter turns
 * the phase, so that newcomers cannot make it wait for ever. The counters are spread over stripes by thread, so that
 * readers on different CPUs do not fight for one cache line.
 */
#ifndef ABX_SRC_MEMORY_GUARD_H
#define ABX_SRC_MEMORY_GUARD_H

#include <arcbox/error.h>

#include <pthread.h>
#include <stdatomic.h>

enum {
    ABX_GRACE_STRIPES = 16,   /* a power of two */
    ABX_GRACE_LINE = 128,     /* bytes that may share a cache line or be fetched together, on any CPU */
    ABX_GRACE_OUTSIDE = 1024, /* a ticket that abx_grace_enter() never gives */
};

typedef struct abx_grace {
    struct {
        _Atomic uint32_t readers[2]; /* by phase */
        char padding[ABX_GRACE_LINE - 2 * sizeof(uint32_t)];
    } stripes[ABX_GRACE_STRIPES];
    _Atomic uint32_t phase;
    _Atomic bool waiting;   /* somebody sleeps on `left` */
    pthread_mutex_t turn;   /* one waiter at a time */
    pthread_mutex_t asleep; /* for `left` only: held for a few instructions */
    pthread_cond_t left;
} abx_grace;

/* Errors: ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM. */
abx_status abx_grace_init(abx_grace *grace);

/* Nobody is inside any more. */
void abx_grace_destroy(abx_grace *grace);

/* Begins a stay; the ticket goes to abx_grace_leave(). Stays may nest. What is loaded afterwards stays valid. */
uint32_t abx_grace_enter(abx_grace *grace);
void abx_grace_leave(abx_grace *grace, uint32_t ticket);

/*
 * Waits until every stay that began before the call has ended. What the caller unpublished before is then its own. Not
 * from within a stay.
 */
void abx_grace_wait(abx_grace *grace);

/* Whether abx_grace_wait() would have found nobody inside. Does not wait; allowed from within a stay. */
bool abx_grace_idle(abx_grace *grace);

#endif
