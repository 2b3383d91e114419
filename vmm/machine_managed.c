/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_internal.h"

/* The first of these that comes says how the machine ended. */
static abx_machine_end end_of(uint32_t kind)
{
    switch (kind) {
    case ABX_EVENT_GUEST_SHUTDOWN:
        return ABX_END_SHUTDOWN;
    case ABX_EVENT_GUEST_RESET:
        return ABX_END_RESET;
    case ABX_EVENT_GUEST_PANIC:
        return ABX_END_PANIC;
    case ABX_EVENT_GUEST_FAULT:
        return ABX_END_FAULT;
    case ABX_EVENT_GUEST_EXIT:
        return ABX_END_DEBUG_EXIT;
    case ABX_EVENT_BACKEND_LOST:
        return ABX_END_FAILED;
    default:
        return ABX_END_NONE;
    }
}

static void observe(void *payload, const abx_event *event)
{
    abx_machine *machine = payload;
    abx_machine_end end = end_of(event->kind);
    if (end != ABX_END_NONE)
        abx_machine_note_end(machine, end, event->code, event->text);
    if (event->kind != ABX_EVENT_STATE || (event->state != ABX_VM_STOPPED && event->state != ABX_VM_FAILED))
        return;
    /* Without a reason given before, it was stopped from outside, or failed. */
    abx_machine_note_end(machine, event->state == ABX_VM_STOPPED ? ABX_END_STOPPED : ABX_END_FAILED, 0, event->text);
    abx_machine_declare_ended(machine);
}

abx_status abx_machine_observe(abx_machine *machine)
{
    return abx_event_observe(machine->vm, observe, machine);
}
