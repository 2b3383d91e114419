/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Semaphores, times, and releasing what libdispatch counts. */
#include "queue.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

struct dispatch_semaphore_s {
    model_dispatched base;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    intptr_t value, original;
    dispatch_semaphore_t next_gone;
};

static atomic_long live;
static dispatch_semaphore_t _Atomic gone;

long model_live_semaphores(void)
{
    return atomic_load_explicit(&live, memory_order_relaxed);
}

dispatch_semaphore_t dispatch_semaphore_create(intptr_t value)
{
    if (value < 0 || model_fails("dispatch_semaphore_create"))
        return NULL;
    dispatch_semaphore_t semaphore = model_memory(sizeof *semaphore);
    semaphore->base.kind = MODEL_SEMAPHORE;
    atomic_init(&semaphore->base.count, 1);
    semaphore->value = semaphore->original = value;
    pthread_mutex_init(&semaphore->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&semaphore->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    atomic_fetch_add_explicit(&live, 1, memory_order_relaxed);
    return semaphore;
}

static void check(dispatch_semaphore_t semaphore, const char *use)
{
    if (!semaphore || semaphore->base.kind != MODEL_SEMAPHORE)
        model_die("%s: %s", use,
                  semaphore && semaphore->base.kind == MODEL_GONE ? "use of a released semaphore"
                                                                  : "that is not a semaphore");
}

intptr_t dispatch_semaphore_signal(dispatch_semaphore_t semaphore)
{
    check(semaphore, "dispatch_semaphore_signal");
    pthread_mutex_lock(&semaphore->lock);
    intptr_t woken = semaphore->value++ < 0;
    pthread_cond_signal(&semaphore->changed);
    pthread_mutex_unlock(&semaphore->lock);
    return woken;
}

dispatch_time_t dispatch_time(dispatch_time_t base, int64_t nanoseconds)
{
    if (base == DISPATCH_TIME_FOREVER)
        return base;
    if (base == DISPATCH_TIME_NOW) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        base = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    }
    if (nanoseconds < 0)
        return base > (uint64_t)-nanoseconds ? base - (uint64_t)-nanoseconds : 1;
    return base + (uint64_t)nanoseconds;
}

intptr_t dispatch_semaphore_wait(dispatch_semaphore_t semaphore, dispatch_time_t deadline)
{
    check(semaphore, "dispatch_semaphore_wait");
    uint64_t end = deadline == DISPATCH_TIME_NOW ? 1 : deadline;
    struct timespec until = { (time_t)(end / 1000000000), (long)(end % 1000000000) };
    bool late = false;
    pthread_mutex_lock(&semaphore->lock);
    while (semaphore->value <= 0 && !late) {
        if (deadline == DISPATCH_TIME_FOREVER)
            pthread_cond_wait(&semaphore->changed, &semaphore->lock);
        else
            late = pthread_cond_timedwait(&semaphore->changed, &semaphore->lock, &until) == ETIMEDOUT;
    }
    bool taken = semaphore->value > 0;
    semaphore->value -= taken;
    pthread_mutex_unlock(&semaphore->lock);
    return taken ? 0 : 49; /* KERN_OPERATION_TIMED_OUT */
}

void model_semaphore_gone(dispatch_semaphore_t semaphore)
{
    pthread_mutex_lock(&semaphore->lock);
    if (semaphore->value < semaphore->original)
        model_die("a semaphore is released while it is in use");
    semaphore->base.kind = MODEL_GONE;
    pthread_mutex_unlock(&semaphore->lock);
    semaphore->next_gone = atomic_load_explicit(&gone, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&gone, &semaphore->next_gone, semaphore, memory_order_release,
                                                  memory_order_relaxed))
        ;
    atomic_fetch_sub_explicit(&live, 1, memory_order_relaxed);
}

void dispatch_release(void *object)
{
    model_dispatched *it = object;
    if (!it || (it->kind != MODEL_QUEUE && it->kind != MODEL_SEMAPHORE))
        model_die("dispatch_release of %s",
                  it && it->kind == MODEL_GONE ? "what is released already" : "something else");
    if (atomic_fetch_sub_explicit(&it->count, 1, memory_order_acq_rel) != 1)
        return;
    if (it->kind == MODEL_QUEUE)
        model_queue_gone(object);
    else
        model_semaphore_gone(object);
}
