/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Serial queues and semaphores, as libdispatch has them, and what the framework needs of them. */
#ifndef MODEL_QUEUE_H
#define MODEL_QUEUE_H

#include "runtime.h"

/* What dispatch_release() finds out: each kind of object begins with this. */
typedef struct model_dispatched {
    enum { MODEL_QUEUE = 0x71756575, MODEL_SEMAPHORE = 0x73656d61, MODEL_GONE = 0x676f6e65 } kind;
    atomic_long count;
} model_dispatched;
void model_queue_gone(dispatch_queue_t queue);
void model_semaphore_gone(dispatch_semaphore_t semaphore);

/* A queue of the framework's own. */
dispatch_queue_t model_own_queue(void);
void model_queue_check(dispatch_queue_t queue, const char *use);
bool model_queue_is_serial(dispatch_queue_t queue);
void model_queue_retain(dispatch_queue_t queue);
/* Dies unless the caller is run by this queue. */
void model_queue_assert(dispatch_queue_t queue, const char *member);
/* Work of the framework, run later by the queue's thread in a pool of its own. */
void model_queue_async(dispatch_queue_t queue, void *context, dispatch_function_t work);
/* Waits until no queue has anything to do, and for the threads of those that are gone. */
void model_queues_settle(void);

#endif
