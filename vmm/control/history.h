/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The last events of a machine: noted in the threads where they come from, read in the loop. */
#ifndef ABX_VMM_CONTROL_HISTORY_H
#define ABX_VMM_CONTROL_HISTORY_H

#include <arcbox/event.h>

#include <pthread.h>

#include "control/request.h"

typedef struct abx_history {
    pthread_mutex_t lock;
    uint64_t noted; /* how many so far: the last of them are in the ring */
    uint64_t told;  /* of those, up to which abx_history_next() has gone. In the loop */
    abx_event ring[ABX_CONTROL_BACKLOG_MAX];
} abx_history;

void abx_history_init(abx_history *history);
void abx_history_end(abx_history *history);

/* Any thread. */
void abx_history_note(abx_history *history, const abx_event *event);

/* The next event that has not been told; an ABX_EVENT_OVERFLOW for those that came too fast. False: there is none. */
bool abx_history_next(abx_history *history, abx_event *event);

/* Copies the last of those that have been told, `most` of them at most, oldest first; returns how many. */
size_t abx_history_last(abx_history *history, abx_event *events, size_t most);

#endif
