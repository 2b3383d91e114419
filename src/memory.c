/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* <arcbox/memory.h>: from a VM to its space. */
#include "memory_access.h"
#include "memory_atomic.h"
#include "memory_dirty.h"
#include "memory_discard.h"
#include "memory_guard.h"
#include "vm_internal.h"

#include <arcbox/event.h>

#include <inttypes.h>
#include <stdio.h>

/* The space of `vm`; NULL after abx_fail() with `*status`. */
static abx_memory_space *space_of(const abx_vm *vm, const char *operation, abx_status *status)
{
    if (!vm) {
        *status = abx_fail(ABX_ERR_INVALID, 0, "Give a VM.", "%s", operation);
        return NULL;
    }
    abx_memory_space *space = abx_vm_memory_space(vm);
    if (!space) {
        *status =
            abx_fail(ABX_ERR_NOT_SUPPORTED, 0,
                     "The backend manages this VM by itself: its memory cannot be reached from here.", "%s", operation);
    }
    return space;
}

static abx_status fail_null(const char *operation)
{
    return abx_fail(ABX_ERR_INVALID, 0, "An argument is NULL that must not be.", "%s", operation);
}

static void tell(abx_vm *vm, const char *what, abx_gpa gpa)
{
    abx_event event = { .kind = ABX_EVENT_MEMORY, .vcpu = UINT32_MAX, .code = gpa };
    snprintf(event.text, sizeof(event.text), "%s at 0x%" PRIx64, what, gpa);
    /* A full queue counts what it drops. */
    (void)abx_event_post(vm, &event);
}

static bool can_hotplug(const abx_vm *vm)
{
    return abx_hypervisor_has(abx_vm_get_hypervisor(vm), ABX_CAP_MEMORY_HOTPLUG);
}

/* Whether regions can be added in the state that `vm` is in. */
static abx_status check_state(const abx_vm *vm)
{
    switch (abx_vm_get_state(vm)) {
    case ABX_VM_CREATED:
        return ABX_OK;
    case ABX_VM_RUNNING:
    case ABX_VM_PAUSED:
        if (!can_hotplug(vm)) {
            return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "With this backend, add all memory before the VM starts.",
                            "add memory");
        }
        return ABX_OK;
    case ABX_VM_STOPPED:
    case ABX_VM_FAILED:
        break;
    }
    return abx_fail(ABX_ERR_STATE, 0, "The VM has ended.", "add memory");
}

abx_status abx_memory_add(abx_vm *vm, const abx_memory_region *region)
{
    abx_status status;
    abx_memory_space *space = space_of(vm, "add memory", &status);
    if (!space) {
        return status;
    }
    if (!region) {
        return fail_null("add memory");
    }
    status = check_state(vm);
    if (status != ABX_OK) {
        return status;
    }
    status = abx_memory_space_add(space, region);
    if (status == ABX_OK) {
        tell(vm, "region added", region->gpa);
    }
    return status;
}

abx_status abx_memory_remove(abx_vm *vm, abx_gpa gpa)
{
    abx_status status;
    abx_memory_space *space = space_of(vm, "remove memory", &status);
    if (!space) {
        return status;
    }
    abx_vm_state state = abx_vm_get_state(vm);
    if ((state == ABX_VM_RUNNING || state == ABX_VM_PAUSED) && !can_hotplug(vm)) {
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "With this backend, remove memory after the VM has stopped.",
                        "remove memory at 0x%" PRIx64, gpa);
    }
    status = abx_memory_space_remove(space, gpa);
    if (status == ABX_OK) {
        tell(vm, "region removed", gpa);
    }
    return status;
}

abx_status abx_memory_list(abx_vm *vm, abx_memory_info *infos, size_t capacity, size_t *count)
{
    abx_status status;
    abx_memory_space *space = space_of(vm, "list memory", &status);
    if (!space) {
        return status;
    }
    if (!count || (!infos && capacity > 0)) {
        return fail_null("list memory");
    }
    *count = abx_memory_space_list(space, infos, capacity);
    return ABX_OK;
}

abx_status abx_memory_read(abx_vm *vm, abx_gpa gpa, void *buffer, size_t length)
{
    abx_status status;
    abx_memory_space *space = space_of(vm, "read guest memory", &status);
    if (!space) {
        return status;
    }
    if (!buffer && length > 0) {
        return fail_null("read guest memory");
    }
    return abx_memory_space_read(space, gpa, buffer, length);
}

abx_status abx_memory_write(abx_vm *vm, abx_gpa gpa, const void *buffer, size_t length)
{
    abx_status status;
    abx_memory_space *space = space_of(vm, "write guest memory", &status);
    if (!space) {
        return status;
    }
    if (!buffer && length > 0) {
        return fail_null("write guest memory");
    }
    return abx_memory_space_write(space, gpa, buffer, length);
}

abx_status abx_memory_fill(abx_vm *vm, abx_gpa gpa, uint8_t value, uint64_t length)
{
    abx_status status;
    abx_memory_space *space = space_of(vm, "fill guest memory", &status);
    return space ? abx_memory_space_fill(space, gpa, value, length) : status;
}

abx_status abx_memory_load(abx_vm *vm, abx_gpa gpa, uint32_t width, uint64_t *value)
{
    abx_status status;
    abx_memory_space *space = space_of(vm, "read guest memory", &status);
    if (!space) {
        return status;
    }
    return value ? abx_memory_space_load(space, gpa, width, value) : fail_null("read guest memory");
}

abx_status abx_memory_store(abx_vm *vm, abx_gpa gpa, uint32_t width, uint64_t value)
{
    abx_status status;
    abx_memory_space *space = space_of(vm, "write guest memory", &status);
    return space ? abx_memory_space_store(space, gpa, width, value) : status;
}

abx_status abx_memory_compare_swap(abx_vm *vm, abx_gpa gpa, uint32_t width, uint64_t *expected, uint64_t desired,
                                   bool *swapped)
{
    abx_status status;
    abx_memory_space *space = space_of(vm, "compare and swap guest memory", &status);
    if (!space) {
        return status;
    }
    if (!expected || !swapped) {
        return fail_null("compare and swap guest memory");
    }
    return abx_memory_space_compare_swap(space, gpa, width, expected, desired, swapped);
}

abx_memory_guard abx_memory_enter(abx_vm *vm)
{
    abx_memory_space *space = vm ? abx_vm_memory_space(vm) : NULL;
    return (abx_memory_guard){ .slot = space ? abx_memory_space_enter(space) : ABX_GRACE_OUTSIDE };
}

void abx_memory_leave(abx_vm *vm, abx_memory_guard guard)
{
    if (guard.slot != ABX_GRACE_OUTSIDE) {
        abx_memory_space_leave(abx_vm_memory_space(vm), guard.slot);
    }
}

void *abx_memory_at(abx_vm *vm, abx_gpa gpa, uint64_t length, bool for_write)
{
    abx_memory_space *space = vm ? abx_vm_memory_space(vm) : NULL;
    return space ? abx_memory_space_at(space, gpa, length, for_write) : NULL;
}

void *abx_memory_span(abx_vm *vm, abx_gpa gpa, uint64_t length, bool for_write, uint64_t *available)
{
    abx_memory_space *space = vm && available ? abx_vm_memory_space(vm) : NULL;
    return space ? abx_memory_space_span(space, gpa, length, for_write, available) : NULL;
}

abx_status abx_memory_discard(abx_vm *vm, abx_gpa gpa, uint64_t length)
{
    abx_status status;
    abx_memory_space *space = space_of(vm, "discard memory", &status);
    return space ? abx_memory_space_discard(space, gpa, length) : status;
}

abx_status abx_memory_log_dirty(abx_vm *vm, abx_gpa gpa, bool on)
{
    abx_status status;
    abx_memory_space *space = space_of(vm, "log written pages", &status);
    return space ? abx_memory_space_log_dirty(space, gpa, on) : status;
}

abx_status abx_memory_get_dirty(abx_vm *vm, abx_gpa gpa, uint64_t *bitmap, size_t words)
{
    abx_status status;
    abx_memory_space *space = space_of(vm, "fetch written pages", &status);
    if (!space) {
        return status;
    }
    return bitmap ? abx_memory_space_get_dirty(space, gpa, bitmap, words) : fail_null("fetch written pages");
}

abx_status abx_memory_clear_dirty(abx_vm *vm, abx_gpa gpa, const uint64_t *bitmap, size_t words)
{
    abx_status status;
    abx_memory_space *space = space_of(vm, "clear written pages", &status);
    if (!space) {
        return status;
    }
    return bitmap ? abx_memory_space_clear_dirty(space, gpa, bitmap, words) : fail_null("clear written pages");
}

abx_status abx_memory_mark_dirty(abx_vm *vm, abx_gpa gpa, uint64_t length)
{
    abx_status status;
    abx_memory_space *space = space_of(vm, "mark pages as written", &status);
    return space ? abx_memory_space_mark_dirty(space, gpa, length) : status;
}
