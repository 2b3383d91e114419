/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control/history.h"

void abx_history_init(abx_history *history)
{
    pthread_mutex_init(&history->lock, NULL);
    history->noted = history->told = 0;
}

void abx_history_end(abx_history *history)
{
    pthread_mutex_destroy(&history->lock);
}

void abx_history_note(abx_history *history, const abx_event *event)
{
    pthread_mutex_lock(&history->lock);
    history->ring[history->noted++ % ABX_CONTROL_BACKLOG_MAX] = *event;
    pthread_mutex_unlock(&history->lock);
}

/* Under the lock: what is before this one is not in the ring any more. */
static uint64_t oldest(const abx_history *history)
{
    return history->noted > ABX_CONTROL_BACKLOG_MAX ? history->noted - ABX_CONTROL_BACKLOG_MAX : 0;
}

bool abx_history_next(abx_history *history, abx_event *event)
{
    pthread_mutex_lock(&history->lock);
    bool any = history->told < history->noted;
    if (any && history->told < oldest(history)) {
        const abx_event *first = &history->ring[oldest(history) % ABX_CONTROL_BACKLOG_MAX];
        *event = (abx_event){
            .kind = ABX_EVENT_OVERFLOW,
            .vcpu = UINT32_MAX,
            .sequence = first->sequence - 1,
            .timestamp_ns = first->timestamp_ns,
            .code = oldest(history) - history->told,
        };
        history->told = oldest(history);
    } else if (any) {
        *event = history->ring[history->told++ % ABX_CONTROL_BACKLOG_MAX];
    }
    pthread_mutex_unlock(&history->lock);
    return any;
}

size_t abx_history_last(abx_history *history, abx_event *events, size_t most)
{
    size_t count = 0;
    pthread_mutex_lock(&history->lock);
    uint64_t first = oldest(history);
    if (history->told > first + most)
        first = history->told - most;
    for (; first < history->told; first++)
        events[count++] = history->ring[first % ABX_CONTROL_BACKLOG_MAX];
    pthread_mutex_unlock(&history->lock);
    return count;
}
