/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "drain.h"
#include "outlet.h"
#include "ready.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

struct abx_vz_drain {
    size_t capacity;
    size_t count;
    abx_vz_outlet *outlets;
    struct pollfd *pollers; /* our own wake-up, then two per outlet */
    abx_ready wake;
    bool started;
    pthread_t thread;
    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t flushed;
    uint64_t asked; /* flushes that are wanted, and done */
    uint64_t done;
    bool awake; /* `wake` is raised */
    bool ending;
};

static abx_status no_memory(void)
{
    return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "drain consoles");
}

abx_status abx_vz_drain_new(abx_vz_drain **out, size_t capacity)
{
    abx_vz_drain *drain = calloc(1, sizeof(*drain));
    if (!drain)
        return no_memory();
    drain->capacity = capacity;
    drain->outlets = calloc(capacity, sizeof(*drain->outlets));
    drain->pollers = calloc(1 + 2 * capacity, sizeof(*drain->pollers));
    abx_status status = drain->outlets && drain->pollers ? abx_ready_open(&drain->wake) : no_memory();
    if (status != ABX_OK) {
        free(drain->pollers);
        free(drain->outlets);
        free(drain);
        return status;
    }
    pthread_mutex_init(&drain->lock, NULL);
    pthread_cond_init(&drain->flushed, NULL);
    *out = drain;
    return ABX_OK;
}

abx_status abx_vz_drain_add(abx_vz_drain *drain, int output_fd, int *guest_fd)
{
    abx_status status = abx_vz_outlet_open(&drain->outlets[drain->count], output_fd, guest_fd);
    if (status == ABX_OK)
        drain->count++;
    return status;
}

static struct pollfd wait_for(int fd, bool wanted, short events)
{
    return (struct pollfd){ .fd = wanted ? fd : -1, .events = events };
}

static void wait_for_work(abx_vz_drain *drain)
{
    struct pollfd *next = drain->pollers;
    *next++ = wait_for(drain->wake.read_fd, true, POLLIN);
    for (size_t i = 0; i < drain->count; i++) {
        const abx_vz_outlet *outlet = &drain->outlets[i];
        *next++ = wait_for(outlet->source, outlet->source >= 0, POLLIN);
        *next++ = wait_for(outlet->sink, outlet->sink >= 0 && outlet->length > 0, POLLOUT);
    }
    poll(drain->pollers, (nfds_t)(next - drain->pollers), -1);
}

/* Under the lock. */
static void wake(abx_vz_drain *drain)
{
    if (!drain->awake)
        abx_ready_raise(&drain->wake);
    drain->awake = true;
}

/* How many flushes are wanted now; false at the end. */
static bool read_orders(abx_vz_drain *drain, uint64_t *asked)
{
    pthread_mutex_lock(&drain->lock);
    bool goes_on = !drain->ending;
    *asked = drain->asked;
    if (drain->awake)
        abx_ready_lower(&drain->wake);
    drain->awake = false;
    pthread_mutex_unlock(&drain->lock);
    return goes_on;
}

static void tell_flushed(abx_vz_drain *drain, uint64_t asked)
{
    pthread_mutex_lock(&drain->lock);
    drain->done = asked;
    pthread_cond_broadcast(&drain->flushed);
    pthread_mutex_unlock(&drain->lock);
}

static void *run(void *context)
{
    abx_vz_drain *drain = context;
    bool goes_on = true;
    while (goes_on) {
        uint64_t asked;
        wait_for_work(drain);
        goes_on = read_orders(drain, &asked);
        for (size_t i = 0; i < drain->count; i++)
            abx_vz_outlet_move(&drain->outlets[i]);
        tell_flushed(drain, asked);
    }
    return NULL;
}

/* The thread takes no signal of the embedding program's, nor SIGPIPE, but faults stay faults. */
abx_status abx_vz_drain_start(abx_vz_drain *drain)
{
    static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS };
    sigset_t blocked, old;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        sigdelset(&blocked, faults[i]);
    int error = pthread_sigmask(SIG_SETMASK, &blocked, &old);
    if (!error) {
        error = pthread_create(&drain->thread, NULL, run, drain);
        pthread_sigmask(SIG_SETMASK, &old, NULL);
    }
    drain->started = !error;
    return error ? abx_fail(abx_status_of_errno(error), error, NULL, "start a thread for consoles") : ABX_OK;
}

void abx_vz_drain_flush(abx_vz_drain *drain)
{
    if (!drain || !drain->started)
        return;
    pthread_mutex_lock(&drain->lock);
    uint64_t ticket = ++drain->asked;
    wake(drain);
    while (drain->done < ticket)
        pthread_cond_wait(&drain->flushed, &drain->lock);
    pthread_mutex_unlock(&drain->lock);
}

static void stop(abx_vz_drain *drain)
{
    pthread_mutex_lock(&drain->lock);
    drain->ending = true;
    wake(drain);
    pthread_mutex_unlock(&drain->lock);
    pthread_join(drain->thread, NULL);
}

void abx_vz_drain_free(abx_vz_drain *drain)
{
    if (!drain)
        return;
    if (drain->started)
        stop(drain);
    for (size_t i = 0; i < drain->count; i++)
        abx_vz_outlet_close(&drain->outlets[i]);
    abx_ready_close(&drain->wake);
    pthread_cond_destroy(&drain->flushed);
    pthread_mutex_destroy(&drain->lock);
    free(drain->pollers);
    free(drain->outlets);
    free(drain);
}
