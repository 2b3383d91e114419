/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "turn.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static uint64_t next_ticket, served;
static atomic_uint_fast64_t waiting;

void turn_take(void)
{
    pthread_mutex_lock(&lock);
    uint64_t ticket = next_ticket++;
    atomic_fetch_add(&waiting, 1);
    while (ticket != served)
        pthread_cond_wait(&changed, &lock);
    atomic_fetch_sub(&waiting, 1);
    pthread_mutex_unlock(&lock);
}

void turn_give(void)
{
    pthread_mutex_lock(&lock);
    served++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

bool turn_wanted(void)
{
    return atomic_load_explicit(&waiting, memory_order_relaxed) != 0;
}
