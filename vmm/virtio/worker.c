/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/worker.h"

/* False: it is held, and the last release rings again. */
static bool begin(abx_virtio_worker *self)
{
    pthread_mutex_lock(&self->lock);
    self->busy = self->held == 0;
    bool goes_on = self->busy;
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

/* First lowered, then worked: what is rung for meanwhile is looked at again. */
static void rung(void *argument, unsigned events)
{
    abx_virtio_worker *self = argument;
    (void)events;
    abx_wakeup_lower(&self->bell);
    if (!begin(self))
        return;
    self->work(self->device);
    done(self);
}

abx_status abx_virtio_worker_start(abx_virtio_worker *worker, abx_loop *loop, void (*work)(void *), void *device)
{
    *worker = (abx_virtio_worker){ .bell.fd = -1, .held = 1, .work = work, .device = device };
    abx_status status = abx_wakeup_open(&worker->bell);
    if (status != ABX_OK)
        return status;
    status = abx_loop_watch_new(&worker->watch, loop, worker->bell.fd, rung, worker);
    if (status != ABX_OK) {
        abx_wakeup_close(&worker->bell);
        return status;
    }
    pthread_mutex_init(&worker->lock, NULL);
    pthread_cond_init(&worker->changed, NULL);
    abx_loop_watch_set(worker->watch, ABX_LOOP_READABLE);
    return ABX_OK;
}

void abx_virtio_worker_end(abx_virtio_worker *worker)
{
    abx_loop_watch_free(worker->watch);
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
