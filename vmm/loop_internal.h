/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The parts of a loop. */
#ifndef ABX_VMM_LOOP_INTERNAL_H
#define ABX_VMM_LOOP_INTERNAL_H

#include "loop.h"

#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

struct abx_loop {
    uv_loop_t uv;
    uv_async_t wakeup;
    pthread_t thread; /* where there is one */
    bool has_thread;
    atomic_bool ends;
    bool changed; /* since libuv has looked at its handles last. In the loop */

    pthread_mutex_t lock; /* of what follows */
    abx_loop_task *first;
    abx_loop_task **last;
};

/* A failure of libuv's: `error` is a negative errno. */
abx_status abx_loop_fail(int error, const char *operation);

#endif
