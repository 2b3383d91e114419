/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The events of one VM: a ring of fixed size with a pollable descriptor. Behind <arcbox/event.h>. */
#ifndef ABX_SRC_EVENT_QUEUE_H
#define ABX_SRC_EVENT_QUEUE_H

#include <arcbox/event.h>

#include "ready.h"

#include <pthread.h>

enum { ABX_EVENT_WATCHERS = 8 };

typedef struct abx_event_slot abx_event_slot;

typedef struct abx_event_watcher {
    abx_event_observer observer;
    void *payload;
} abx_event_watcher;

typedef struct abx_event_queue {
    pthread_mutex_t lock;
    abx_ready ready;
    abx_event_slot *ring;
    uint32_t capacity;
    uint32_t first;
    uint32_t count;
    uint64_t lost;     /* dropped since the newest event in the ring */
    uint64_t sequence; /* of the last event, dropped ones included */
    abx_event_watcher watchers[ABX_EVENT_WATCHERS];
    uint32_t watcher_count;
    uint32_t showing; /* threads that are showing an event to watchers */
    pthread_cond_t shown;
} abx_event_queue;

/* Errors: ABX_ERR_NO_MEMORY, ABX_ERR_LIMIT, ABX_ERR_SYSTEM. */
abx_status abx_event_queue_init(abx_event_queue *queue, uint32_t capacity);
void abx_event_queue_end(abx_event_queue *queue);

/* Adds an event of any kind; sequence and time are given. Any thread. */
void abx_event_queue_add(abx_event_queue *queue, const abx_event *event);

/* Shows every later event to the watcher, in the thread that adds it and without the lock. ABX_OK, or without an error
 * record ABX_ERR_EXISTS or ABX_ERR_LIMIT. */
abx_status abx_event_queue_observe(abx_event_queue *queue, const abx_event_watcher *watcher);

/* Forgets it and waits until no thread shows it anything any more; false if it is not there. */
bool abx_event_queue_unobserve(abx_event_queue *queue, const abx_event_watcher *watcher);

/* Takes the oldest one; false when there is none. Any thread. */
bool abx_event_queue_take(abx_event_queue *queue, abx_event *event);

/* Adds an event about `vcpu` to the events of `vm`. */
void abx_event_vcpu(abx_vm *vm, abx_event_kind kind, uint32_t vcpu);

#endif
