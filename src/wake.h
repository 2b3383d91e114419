/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A wake-up call for one sleeping thread, which may come from a signal handler. The sleeper says that it is about to
 * sleep, looks once more whether there is a reason not to, and then waits or takes it back:
 *
 *     abx_wake_prepare(wake);
 *     if (reason to go on) abx_wake_cancel(wake); else abx_wake_wait(wake);
 */
#ifndef ABX_SRC_WAKE_H
#define ABX_SRC_WAKE_H

#include "ready.h"

#include <semaphore.h>
#include <stdatomic.h>

typedef struct abx_wake {
    atomic_bool sleeping;
    /* What the operating system has that can be posted from a signal handler: wake_<system>.c. */
    union {
        sem_t semaphore;
        abx_ready descriptor;
    } posts;
} abx_wake;

/* Errors: ABX_ERR_LIMIT, ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM. */
abx_status abx_wake_init(abx_wake *wake);
void abx_wake_end(abx_wake *wake);

/* The sleeper's side. */
void abx_wake_prepare(abx_wake *wake);
void abx_wake_cancel(abx_wake *wake);
void abx_wake_wait(abx_wake *wake);

/* Wakes the sleeper, if it sleeps or is about to. Any thread and signal handlers. */
void abx_wake_post(abx_wake *wake);

/* Of the operating system, for wake.c: one post, which ends one wait. May change errno. */
void abx_wake_send(abx_wake *wake);

#endif
