/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "event_queue.h"
#include "vm_internal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* An overflow is kept with the event that follows it, so that telling of it never takes room from an event. */
struct abx_event_slot {
    abx_event event;
    uint64_t lost; /* dropped just before this event */
};

static uint64_t now_ns(void)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

abx_status abx_event_queue_init(abx_event_queue *queue, uint32_t capacity)
{
    abx_event_slot *ring = malloc(capacity * sizeof(*ring));
    if (!ring)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make room for %u events", capacity);
    abx_ready ready;
    abx_status status = abx_ready_open(&ready);
    if (status != ABX_OK) {
        free(ring);
        return status;
    }
    *queue = (abx_event_queue){
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .shown = PTHREAD_COND_INITIALIZER,
        .ready = ready,
        .ring = ring,
        .capacity = capacity,
    };
    return ABX_OK;
}

void abx_event_queue_end(abx_event_queue *queue)
{
    abx_ready_close(&queue->ready);
    pthread_cond_destroy(&queue->shown);
    pthread_mutex_destroy(&queue->lock);
    free(queue->ring);
}

static bool is_empty(const abx_event_queue *queue)
{
    return queue->count == 0 && queue->lost == 0;
}

static const abx_event *append(abx_event_queue *queue, const abx_event *event)
{
    abx_event_slot *slot = &queue->ring[(queue->first + queue->count) % queue->capacity];
    slot->event = *event;
    slot->event.text[sizeof(slot->event.text) - 1] = '\0';
    slot->lost = queue->lost;
    /* The overflow before it takes a number of its own. */
    queue->sequence += queue->lost ? 2 : 1;
    slot->event.sequence = queue->sequence;
    slot->event.timestamp_ns = now_ns();
    queue->lost = 0;
    queue->count++;
    return &slot->event;
}

static abx_event drop(abx_event_queue *queue, const abx_event *event)
{
    abx_event dropped = *event;
    queue->lost++;
    dropped.sequence = ++queue->sequence;
    dropped.timestamp_ns = now_ns();
    return dropped;
}

/* Whoever is being shown an event stays until that is done: see abx_event_queue_unobserve(). */
static void show(abx_event_queue *queue, const abx_event_watcher *watchers, uint32_t count, const abx_event *event)
{
    for (uint32_t i = 0; i < count; i++)
        watchers[i].observer(watchers[i].payload, event);
    pthread_mutex_lock(&queue->lock);
    if (--queue->showing == 0)
        pthread_cond_broadcast(&queue->shown);
    pthread_mutex_unlock(&queue->lock);
}

void abx_event_queue_add(abx_event_queue *queue, const abx_event *event)
{
    abx_event_watcher watchers[ABX_EVENT_WATCHERS];
    pthread_mutex_lock(&queue->lock);
    bool was_empty = is_empty(queue);
    abx_event added = queue->count == queue->capacity ? drop(queue, event) : *append(queue, event);
    if (was_empty)
        abx_ready_raise(&queue->ready);
    uint32_t count = queue->watcher_count;
    memcpy(watchers, queue->watchers, count * sizeof(watchers[0]));
    queue->showing += count > 0;
    pthread_mutex_unlock(&queue->lock);
    if (count > 0)
        show(queue, watchers, count, &added);
}

/* Under the lock; watcher_count when it is not there. */
static uint32_t find_watcher(const abx_event_queue *queue, const abx_event_watcher *watcher)
{
    uint32_t i = 0;
    while (i < queue->watcher_count &&
           (queue->watchers[i].observer != watcher->observer || queue->watchers[i].payload != watcher->payload))
        i++;
    return i;
}

abx_status abx_event_queue_observe(abx_event_queue *queue, const abx_event_watcher *watcher)
{
    abx_status status = ABX_OK;
    pthread_mutex_lock(&queue->lock);
    if (find_watcher(queue, watcher) < queue->watcher_count)
        status = ABX_ERR_EXISTS;
    else if (queue->watcher_count == ABX_EVENT_WATCHERS)
        status = ABX_ERR_LIMIT;
    else
        queue->watchers[queue->watcher_count++] = *watcher;
    pthread_mutex_unlock(&queue->lock);
    return status;
}

bool abx_event_queue_unobserve(abx_event_queue *queue, const abx_event_watcher *watcher)
{
    pthread_mutex_lock(&queue->lock);
    uint32_t index = find_watcher(queue, watcher);
    bool found = index < queue->watcher_count;
    if (found) {
        queue->watcher_count--;
        memmove(&queue->watchers[index], &queue->watchers[index + 1],
                (queue->watcher_count - index) * sizeof(queue->watchers[0]));
        while (queue->showing > 0)
            pthread_cond_wait(&queue->shown, &queue->lock);
    }
    pthread_mutex_unlock(&queue->lock);
    return found;
}

static abx_event overflow(uint64_t lost, uint64_t sequence, uint64_t time)
{
    return (abx_event){
        .kind = ABX_EVENT_OVERFLOW, .vcpu = UINT32_MAX, .sequence = sequence, .timestamp_ns = time, .code = lost
    };
}

static void take(abx_event_queue *queue, abx_event *event)
{
    if (queue->count == 0) {
        *event = overflow(queue->lost, ++queue->sequence, now_ns());
        queue->lost = 0;
        return;
    }
    abx_event_slot *slot = &queue->ring[queue->first];
    if (slot->lost) {
        *event = overflow(slot->lost, slot->event.sequence - 1, slot->event.timestamp_ns);
        slot->lost = 0;
        return;
    }
    *event = slot->event;
    queue->first = (queue->first + 1) % queue->capacity;
    queue->count--;
}

bool abx_event_queue_take(abx_event_queue *queue, abx_event *event)
{
    pthread_mutex_lock(&queue->lock);
    bool any = !is_empty(queue);
    if (any) {
        take(queue, event);
        if (is_empty(queue))
            abx_ready_lower(&queue->ready);
    }
    pthread_mutex_unlock(&queue->lock);
    return any;
}

const char *abx_event_kind_name(uint32_t kind)
{
    static const char names[][24] = {
        [ABX_EVENT_NONE] = "none",
        [ABX_EVENT_STATE] = "state",
        [ABX_EVENT_VCPU_ON] = "vcpu-on",
        [ABX_EVENT_VCPU_OFF] = "vcpu-off",
        [ABX_EVENT_GUEST_SHUTDOWN] = "guest-shutdown",
        [ABX_EVENT_GUEST_RESET] = "guest-reset",
        [ABX_EVENT_GUEST_PANIC] = "guest-panic",
        [ABX_EVENT_GUEST_FAULT] = "guest-fault",
        [ABX_EVENT_GUEST_EXIT] = "guest-exit",
        [ABX_EVENT_MEMORY] = "memory",
        [ABX_EVENT_DEVICE_FAILED] = "device-failed",
        [ABX_EVENT_BACKEND_LOST] = "backend-lost",
        [ABX_EVENT_OVERFLOW] = "overflow",
        [ABX_EVENT_GUEST_VCPU_ON] = "guest-vcpu-on",
        [ABX_EVENT_GUEST_VCPU_OFF] = "guest-vcpu-off",
        [ABX_EVENT_NETWORK_DISCONNECTED] = "network-disconnected",
        [ABX_EVENT_DEVICE_ATTACHED] = "device-attached",
        [ABX_EVENT_DEVICE_NEEDS_RESET] = "device-needs-reset",
        [ABX_EVENT_DISK_ERROR] = "disk-error",
        [ABX_EVENT_CONSOLE_CLOSED] = "console-closed",
        [ABX_EVENT_BALLOON] = "balloon",
        [ABX_EVENT_MEMORY_PRESSURE] = "memory-pressure",
        [ABX_EVENT_CONTROL_CONNECTED] = "control-connected",
        [ABX_EVENT_CONTROL_DISCONNECTED] = "control-disconnected",
        [ABX_EVENT_HOST_WOKE] = "host-woke",
        [ABX_EVENT_GUEST_SUSPEND] = "guest-suspend",
        [ABX_EVENT_GUEST_WAKEUP] = "guest-wakeup",
    };
    if (kind >= ABX_EVENT_USER)
        return "user";
    return kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "unknown";
}

int abx_event_fd(const abx_vm *vm)
{
    return vm ? abx_vm_events((abx_vm *)vm)->ready.read_fd : -1;
}

abx_status abx_event_next(abx_vm *vm, abx_event *event)
{
    if (!vm || !event)
        return abx_fail(ABX_ERR_INVALID, 0, "Neither the VM nor the event may be NULL.", "take an event");
    return abx_event_queue_take(abx_vm_events(vm), event) ? ABX_OK : ABX_ERR_EMPTY;
}

abx_status abx_event_post(abx_vm *vm, const abx_event *event)
{
    if (!vm || !event)
        return abx_fail(ABX_ERR_INVALID, 0, "Neither the VM nor the event may be NULL.", "post an event");
    if (event->kind == ABX_EVENT_NONE || event->kind == ABX_EVENT_STATE || event->kind == ABX_EVENT_OVERFLOW)
        return abx_fail(ABX_ERR_INVALID, 0, "The library alone makes events of this kind.", "post an event of kind %s",
                        abx_event_kind_name(event->kind));
    abx_event fresh = { .kind = event->kind, .vcpu = event->vcpu, .code = event->code };
    memcpy(fresh.text, event->text, sizeof(fresh.text));
    abx_event_queue_add(abx_vm_events(vm), &fresh);
    return ABX_OK;
}

abx_status abx_event_observe(abx_vm *vm, abx_event_observer observer, void *payload)
{
    static const char operation[] = "observe events";
    const abx_event_watcher watcher = { observer, payload };
    if (!vm || !observer)
        return abx_fail(ABX_ERR_INVALID, 0, "Neither the VM nor the observer may be NULL.", "%s", operation);
    abx_status status = abx_event_queue_observe(abx_vm_events(vm), &watcher);
    if (status == ABX_ERR_EXISTS)
        return abx_fail(status, 0, "This observer with this payload is there already.", "%s", operation);
    if (status != ABX_OK)
        return abx_fail(status, 0, "A VM has eight observers at most.", "%s", operation);
    return ABX_OK;
}

abx_status abx_event_unobserve(abx_vm *vm, abx_event_observer observer, void *payload)
{
    const abx_event_watcher watcher = { observer, payload };
    if (!vm || !observer)
        return abx_fail(ABX_ERR_INVALID, 0, "Neither the VM nor the observer may be NULL.", "end an observation");
    if (!abx_event_queue_unobserve(abx_vm_events(vm), &watcher))
        return abx_fail(ABX_ERR_NOT_FOUND, 0, "Nobody observes with this function and payload.", "end an observation");
    return ABX_OK;
}

void abx_event_vcpu(abx_vm *vm, abx_event_kind kind, uint32_t vcpu)
{
    const abx_event event = { .kind = kind, .vcpu = vcpu };
    abx_event_queue_add(abx_vm_events(vm), &event);
}
