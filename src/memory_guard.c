/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_guard.h"

/*
 * Why it is right. A reader counts itself and then loads the pointer; a waiter unpublishes the pointer and then looks
 * at the counters, all sequentially consistent. A reader that loaded the old pointer therefore counted itself before
 * the waiter looked at either counter, and the waiter sees both counters empty once after unpublishing.
 */

abx_status abx_grace_init(abx_grace *grace)
{
    for (size_t i = 0; i < ABX_GRACE_STRIPES; i++) {
        atomic_init(&grace->stripes[i].readers[0], 0);
        atomic_init(&grace->stripes[i].readers[1], 0);
    }
    atomic_init(&grace->phase, 0);
    atomic_init(&grace->waiting, false);
    int error = pthread_mutex_init(&grace->turn, NULL);
    if (error) {
        goto fail;
    }
    error = pthread_mutex_init(&grace->asleep, NULL);
    if (error) {
        goto fail_turn;
    }
    error = pthread_cond_init(&grace->left, NULL);
    if (error) {
        goto fail_asleep;
    }
    return ABX_OK;

fail_asleep:
    pthread_mutex_destroy(&grace->asleep);
fail_turn:
    pthread_mutex_destroy(&grace->turn);
fail:
    return abx_fail(abx_status_of_errno(error), error, NULL, "create the guard of guest memory");
}

void abx_grace_destroy(abx_grace *grace)
{
    pthread_cond_destroy(&grace->left);
    pthread_mutex_destroy(&grace->asleep);
    pthread_mutex_destroy(&grace->turn);
}

/* Any function of the thread will do; the product's upper bits depend on all bits of its identity. */
static uint32_t stripe_of_thread(void)
{
    uint64_t mixed = (uint64_t)(uintptr_t)pthread_self() * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(mixed >> 32) & (ABX_GRACE_STRIPES - 1);
}

uint32_t abx_grace_enter(abx_grace *grace)
{
    uint32_t stripe = stripe_of_thread();
    uint32_t phase = atomic_load_explicit(&grace->phase, memory_order_relaxed);
    atomic_fetch_add(&grace->stripes[stripe].readers[phase], 1);
    return stripe << 1 | phase;
}

void abx_grace_leave(abx_grace *grace, uint32_t ticket)
{
    _Atomic uint32_t *readers = &grace->stripes[ticket >> 1].readers[ticket & 1];
    if (atomic_fetch_sub(readers, 1) != 1 || !atomic_load(&grace->waiting)) {
        return;
    }
    pthread_mutex_lock(&grace->asleep);
    pthread_cond_signal(&grace->left);
    pthread_mutex_unlock(&grace->asleep);
}

static void wait_for_phase(abx_grace *grace, uint32_t phase)
{
    for (size_t i = 0; i < ABX_GRACE_STRIPES; i++) {
        _Atomic uint32_t *readers = &grace->stripes[i].readers[phase];
        if (atomic_load(readers) == 0) {
            continue;
        }
        pthread_mutex_lock(&grace->asleep);
        atomic_store(&grace->waiting, true);
        while (atomic_load(readers) != 0) {
            pthread_cond_wait(&grace->left, &grace->asleep);
        }
        atomic_store(&grace->waiting, false);
        pthread_mutex_unlock(&grace->asleep);
    }
}

void abx_grace_wait(abx_grace *grace)
{
    pthread_mutex_lock(&grace->turn);
    /* First those who read the phase long ago and counted themselves only now. */
    uint32_t phase = atomic_load(&grace->phase);
    wait_for_phase(grace, phase ^ 1);
    atomic_store(&grace->phase, phase ^ 1);
    wait_for_phase(grace, phase);
    pthread_mutex_unlock(&grace->turn);
}

bool abx_grace_idle(abx_grace *grace)
{
    for (size_t i = 0; i < ABX_GRACE_STRIPES; i++) {
        if (atomic_load(&grace->stripes[i].readers[0]) != 0 || atomic_load(&grace->stripes[i].readers[1]) != 0) {
            return false;
        }
    }
    return true;
}
