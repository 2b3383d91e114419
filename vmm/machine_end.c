/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_internal.h"

#include "condition.h"

#include <stdio.h>
#include <time.h>

const char *abx_machine_end_name(abx_machine_end end)
{
    static const char *const names[] = {
        [ABX_END_NONE] = "none",   [ABX_END_SHUTDOWN] = "shutdown", [ABX_END_RESET] = "reset",
        [ABX_END_PANIC] = "panic", [ABX_END_FAULT] = "fault",       [ABX_END_DEBUG_EXIT] = "debug-exit",
        [ABX_END_HALT] = "halt",   [ABX_END_STOPPED] = "stopped",   [ABX_END_FAILED] = "failed",
    };
    return (size_t)end < sizeof(names) / sizeof(names[0]) ? names[end] : "unknown";
}

bool abx_machine_note_end(abx_machine *machine, abx_machine_end end, uint64_t code, const char *text)
{
    pthread_mutex_lock(&machine->lock);
    bool first = machine->result.end == ABX_END_NONE;
    if (first) {
        machine->result.end = end;
        machine->result.code = code;
        snprintf(machine->result.text, sizeof(machine->result.text), "%s", text);
    }
    pthread_mutex_unlock(&machine->lock);
    return first;
}

static abx_event_kind event_of(abx_machine_end end)
{
    switch (end) {
    case ABX_END_SHUTDOWN:
        return ABX_EVENT_GUEST_SHUTDOWN;
    case ABX_END_RESET:
        return ABX_EVENT_GUEST_RESET;
    case ABX_END_PANIC:
        return ABX_EVENT_GUEST_PANIC;
    case ABX_END_FAULT:
        return ABX_EVENT_GUEST_FAULT;
    case ABX_END_DEBUG_EXIT:
        return ABX_EVENT_GUEST_EXIT;
    default:
        return ABX_EVENT_NONE;
    }
}

void abx_machine_finish(abx_machine *machine, abx_machine_end end, uint32_t vcpu, uint64_t code, const char *text)
{
    if (!abx_machine_note_end(machine, end, code, text))
        return;
    abx_event event = { .kind = event_of(end), .vcpu = vcpu, .code = code };
    snprintf(event.text, sizeof(event.text), "%s", text);
    if (event.kind != ABX_EVENT_NONE)
        abx_event_post(machine->vm, &event);
    abx_vm_stop(machine->vm);
}

void abx_machine_get_result(const abx_machine *machine, abx_machine_result *result)
{
    pthread_mutex_t *lock = &((abx_machine *)machine)->lock;
    pthread_mutex_lock(lock);
    *result = machine->result;
    pthread_mutex_unlock(lock);
}

void abx_machine_declare_ended(abx_machine *machine)
{
    pthread_mutex_lock(&machine->lock);
    machine->ended = true;
    pthread_cond_broadcast(&machine->changed);
    pthread_mutex_unlock(&machine->lock);
}

static struct timespec deadline_after(int timeout_ms)
{
    struct timespec time = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_sec += timeout_ms / 1000;
    time.tv_nsec += timeout_ms % 1000 * 1000000L;
    if (time.tv_nsec >= 1000000000L) {
        time.tv_sec++;
        time.tv_nsec -= 1000000000L;
    }
    return time;
}

/* Under the lock. */
static bool wait_for_end(abx_machine *machine, int timeout_ms)
{
    struct timespec deadline = deadline_after(timeout_ms > 0 ? timeout_ms : 0);
    int error = 0;
    while (!machine->ended && error == 0 && timeout_ms != 0) {
        if (timeout_ms < 0)
            pthread_cond_wait(&machine->changed, &machine->lock);
        else
            error = abx_condition_wait_until(&machine->changed, &machine->lock, &deadline);
    }
    return machine->ended;
}

abx_status abx_machine_wait(abx_machine *machine, int timeout_ms, abx_machine_result *result)
{
    if (!machine || timeout_ms < -1)
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "wait for a machine");
    pthread_mutex_lock(&machine->lock);
    bool ended = wait_for_end(machine, timeout_ms);
    if (ended && result)
        *result = machine->result;
    pthread_mutex_unlock(&machine->lock);
    return ended ? ABX_OK : ABX_ERR_TIMEOUT;
}

void abx_machine_begin_stop(abx_machine *machine)
{
    abx_machine_note_end(machine, ABX_END_STOPPED, 0, "");
    abx_machine_go(machine, ABX_STEP_QUIT);
    abx_machine_abandon_devices(machine);
    abx_vm_stop(machine->vm);
}

abx_status abx_machine_stop(abx_machine *machine)
{
    if (!machine)
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "stop a machine");
    abx_machine_begin_stop(machine);
    return abx_machine_wait(machine, -1, NULL);
}
