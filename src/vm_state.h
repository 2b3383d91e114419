/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The state that a VM is in: read without a lock, changed and told of by one thread at a time. Two kinds of thread
 * change it: callers, in steps that hold it still, and a backend whose guest paused or went on by itself. The backend
 * sees what a step does as well and reports it; in which order those two come is not known. So its reports wait for the
 * end of the step, and the last one, which is the truth then, counts.
 */
#ifndef ABX_SRC_VM_STATE_H
#define ABX_SRC_VM_STATE_H

#include "event_queue.h"

#include <stdatomic.h>

typedef struct abx_vm_standing {
    atomic_int now; /* abx_vm_state */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool held;
    abx_event report; /* the last one since then; kind NONE: there was none */
} abx_vm_standing;

/* Begins with CREATED. Errors: ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM. */
abx_status abx_vm_standing_init(abx_vm_standing *standing);
void abx_vm_standing_end(abx_vm_standing *standing);

abx_vm_state abx_vm_standing_get(const abx_vm_standing *standing);

/* STOPPED or FAILED. */
bool abx_vm_state_is_final(abx_vm_state state);

/*
 * Goes to `to` and posts that event, with `text` if it is not NULL, unless the state is final already; whether it did.
 * `*now` is the state that holds then. Any thread; an end may be reported at any moment, so the lock is held for no
 * longer than that.
 */
bool abx_vm_standing_move(abx_vm_standing *standing, abx_vm_state to, const char *text, abx_event_queue *events,
                          abx_vm_state *now);

/* A step begins: reports wait until it ends. One at a time. */
void abx_vm_standing_hold(abx_vm_standing *standing);
void abx_vm_standing_let_go(abx_vm_standing *standing, abx_event_queue *events);

/* Goes from RUNNING to PAUSED or back, now or when the step that holds the state is over; from elsewhere nowhere. */
void abx_vm_standing_report(abx_vm_standing *standing, abx_vm_state to, const char *text, abx_event_queue *events);

/* Waits for a final state, at most `timeout_ms` milliseconds (-1: for ever); false when there is none. */
bool abx_vm_standing_await_end(abx_vm_standing *standing, int timeout_ms);

#endif
