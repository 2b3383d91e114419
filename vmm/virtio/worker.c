/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/worker.h"

#include "thread.h"

#include <poll.h>

/* Waits until it may work; false: it is the end. */
static bool begin(abx_virtio_worker *self)
{
    pthread_mutex_lock(&self->lock);
    while (self->held > 0 && !self->ends)
        pthread_cond_wait(&self->changed, &self->lock);
    bool goes_on = !self->ends;
    self->busy = goes_on;
    pthread_mutex_unlock(&self->lock);
    return goes_on;
}

static void done(abx_virtio_worker *self)
{
    pthread_mutex_lock(&self->lock);
    self->busy = false;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

static void *body(void *argument)
{
    abx_virtio_worker *self = argument;
    abx_thread_set_name(self->name);
    for (;;) {
        struct pollfd bell = { .fd = self->bell.fd, .events = POLLIN };
        poll(&bell, 1, -1);
        if (!begin(self))
            return NULL;
        /* First lowered, then worked: what is rung for meanwhile is looked at again. */
        abx_wakeup_lower(&self->bell);
        self->work(self->device);
        done(self);
    }
}

abx_status abx_virtio_worker_start(abx_virtio_worker *worker, const char *name, void (*work)(void *), void *device)
{
    *worker = (abx_virtio_worker){ .bell.fd = -1, .held = 1, .name = name, .work = work, .device = device };
    abx_status status = abx_wakeup_open(&worker->bell);
    if (status != ABX_OK)
        return status;
    pthread_mutex_init(&worker->lock, NULL);
    pthread_cond_init(&worker->changed, NULL);
    status = abx_thread_start(&worker->thread, body, worker, name);
    if (status != ABX_OK) {
        pthread_cond_destroy(&worker->changed);
        pthread_mutex_destroy(&worker->lock);
        abx_wakeup_close(&worker->bell);
    }
    return status;
}

void abx_virtio_worker_end(abx_virtio_worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    worker->ends = true;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
    abx_virtio_worker_ring(worker);
    pthread_join(worker->thread, NULL);
    pthread_cond_destroy(&worker->changed);
    pthread_mutex_destroy(&worker->lock);
    abx_wakeup_close(&worker->bell);
}

void abx_virtio_worker_ring(abx_virtio_worker *worker)
{
    abx_wakeup_raise(&worker->bell);
}

void abx_virtio_worker_hold(abx_virtio_worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    worker->held++;
    while (worker->busy)
        pthread_cond_wait(&worker->changed, &worker->lock);
    pthread_mutex_unlock(&worker->lock);
}

void abx_virtio_worker_release(abx_virtio_worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    bool last = --worker->held == 0;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
    if (last)
        abx_virtio_worker_ring(worker);
}

bool abx_virtio_worker_is_held(const abx_virtio_worker *worker)
{
    return atomic_load(&worker->held) > 0;
}
