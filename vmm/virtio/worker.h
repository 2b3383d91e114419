/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A device's work in the machine's loop: it is done when it is rung for, and not while it is held. */
#ifndef ABX_VMM_VIRTIO_WORKER_H
#define ABX_VMM_VIRTIO_WORKER_H

#include "loop.h"
#include "wakeup.h"

#include <pthread.h>
#include <stdatomic.h>

typedef struct abx_virtio_worker {
    abx_wakeup bell; /* an eventfd: a doorbell may be attached to it */
    abx_loop_watch *watch;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    _Atomic uint32_t held; /* changes under the lock */
    bool busy;
    void (*work)(void *device);
    void *device;
} abx_virtio_worker;

/*
 * Makes a worker in `loop`, held once. `work` does what there is to do in all queues; it looks at
 * abx_virtio_worker_is_held() between two requests and returns when it is. In the loop. Errors: those of
 * abx_wakeup_open() and abx_loop_watch_new().
 */
abx_status abx_virtio_worker_start(abx_virtio_worker *worker, abx_loop *loop, void (*work)(void *), void *device);

/* Nothing works any more. In the loop. */
void abx_virtio_worker_end(abx_virtio_worker *worker);

/* There is something to do. Any thread. */
void abx_virtio_worker_ring(abx_virtio_worker *worker);

/* Holds it: when this returns no work is being done. Holds count. Any thread, and not from within the work; it does not
 * wait for the loop, only for the work in hand. */
void abx_virtio_worker_hold(abx_virtio_worker *worker);

/* The last release lets it go on, and look at once. */
void abx_virtio_worker_release(abx_virtio_worker *worker);

/* Somebody waits. */
bool abx_virtio_worker_is_held(const abx_virtio_worker *worker);

#endif
