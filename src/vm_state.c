/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vm_state.h"

#include "deadline.h"

#include <string.h>

const char *abx_vm_state_name(abx_vm_state state)
{
    switch (state) {
    case ABX_VM_CREATED:
        return "created";
    case ABX_VM_RUNNING:
        return "running";
    case ABX_VM_PAUSED:
        return "paused";
    case ABX_VM_STOPPED:
        return "stopped";
    case ABX_VM_FAILED:
        return "failed";
    }
    return "unknown";
}

bool abx_vm_state_is_final(abx_vm_state state)
{
    return state == ABX_VM_STOPPED || state == ABX_VM_FAILED;
}

abx_status abx_vm_standing_init(abx_vm_standing *standing)
{
    int error = abx_condition_init(&standing->changed);
    if (error)
        return abx_fail(abx_status_of_errno(error), error, NULL, "create a condition variable");
    standing->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    atomic_init(&standing->now, ABX_VM_CREATED);
    return ABX_OK;
}

void abx_vm_standing_end(abx_vm_standing *standing)
{
    pthread_cond_destroy(&standing->changed);
    pthread_mutex_destroy(&standing->lock);
}

abx_vm_state abx_vm_standing_get(const abx_vm_standing *standing)
{
    return (abx_vm_state)atomic_load(&standing->now);
}

static abx_event make_event(abx_vm_state to, const char *text)
{
    abx_event event = { .kind = ABX_EVENT_STATE, .vcpu = UINT32_MAX, .state = to };
    if (text)
        strncpy(event.text, text, sizeof(event.text) - 1);
    return event;
}

/* Called with the lock held. */
static void enter(abx_vm_standing *standing, const abx_event *event, abx_event_queue *events)
{
    atomic_store(&standing->now, (int)event->state);
    abx_event_queue_add(events, event);
    pthread_cond_broadcast(&standing->changed);
}

bool abx_vm_standing_move(abx_vm_standing *standing, abx_vm_state to, const char *text, abx_event_queue *events,
                          abx_vm_state *now)
{
    abx_event event = make_event(to, text);
    pthread_mutex_lock(&standing->lock);
    bool moves = !abx_vm_state_is_final(abx_vm_standing_get(standing));
    if (moves)
        enter(standing, &event, events);
    *now = abx_vm_standing_get(standing);
    pthread_mutex_unlock(&standing->lock);
    return moves;
}

/* Called with the lock held. */
static void follow(abx_vm_standing *standing, const abx_event *report, abx_event_queue *events)
{
    abx_vm_state now = abx_vm_standing_get(standing);
    bool pauses = now == ABX_VM_RUNNING && report->state == ABX_VM_PAUSED;
    bool goes_on = now == ABX_VM_PAUSED && report->state == ABX_VM_RUNNING;
    if (pauses || goes_on)
        enter(standing, report, events);
}

void abx_vm_standing_hold(abx_vm_standing *standing)
{
    pthread_mutex_lock(&standing->lock);
    standing->held = true;
    standing->report.kind = ABX_EVENT_NONE;
    pthread_mutex_unlock(&standing->lock);
}

void abx_vm_standing_let_go(abx_vm_standing *standing, abx_event_queue *events)
{
    pthread_mutex_lock(&standing->lock);
    standing->held = false;
    if (standing->report.kind != ABX_EVENT_NONE)
        follow(standing, &standing->report, events);
    pthread_mutex_unlock(&standing->lock);
}

void abx_vm_standing_report(abx_vm_standing *standing, abx_vm_state to, const char *text, abx_event_queue *events)
{
    abx_event report = make_event(to, text);
    pthread_mutex_lock(&standing->lock);
    if (standing->held)
        standing->report = report;
    else
        follow(standing, &report, events);
    pthread_mutex_unlock(&standing->lock);
}

bool abx_vm_standing_await_end(abx_vm_standing *standing, int timeout_ms)
{
    abx_deadline deadline = abx_deadline_in(timeout_ms > 0 ? timeout_ms : 0);
    bool in_time = true;
    pthread_mutex_lock(&standing->lock);
    while (!abx_vm_state_is_final(abx_vm_standing_get(standing)) && in_time) {
        if (timeout_ms < 0)
            pthread_cond_wait(&standing->changed, &standing->lock);
        else
            in_time = abx_deadline_wait(&standing->changed, &standing->lock, deadline);
    }
    bool ended = abx_vm_state_is_final(abx_vm_standing_get(standing));
    pthread_mutex_unlock(&standing->lock);
    return ended;
}
