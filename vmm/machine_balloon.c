/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <arcbox/machine_balloon.h>

#include <arcbox/balloon.h>

#include "machine_internal.h"
#include "virtio/balloon.h"

const char *abx_balloon_statistic_name(abx_balloon_statistic statistic)
{
    static const char names[ABX_BALLOON_STATISTICS][24] = {
        [ABX_BALLOON_SWAP_IN] = "swap-in",
        [ABX_BALLOON_SWAP_OUT] = "swap-out",
        [ABX_BALLOON_MAJOR_FAULTS] = "major-faults",
        [ABX_BALLOON_MINOR_FAULTS] = "minor-faults",
        [ABX_BALLOON_FREE] = "free",
        [ABX_BALLOON_TOTAL] = "total",
        [ABX_BALLOON_AVAILABLE] = "available",
        [ABX_BALLOON_CACHES] = "caches",
        [ABX_BALLOON_HUGE_PAGES_ALLOCATED] = "huge-pages-allocated",
        [ABX_BALLOON_HUGE_PAGES_FAILED] = "huge-pages-failed",
        [ABX_BALLOON_OOM_KILL] = "oom-kill",
        [ABX_BALLOON_ALLOCATION_STALL] = "allocation-stall",
        [ABX_BALLOON_SCAN_ASYNC] = "scan-async",
        [ABX_BALLOON_SCAN_DIRECT] = "scan-direct",
        [ABX_BALLOON_RECLAIM_ASYNC] = "reclaim-async",
        [ABX_BALLOON_RECLAIM_DIRECT] = "reclaim-direct",
    };
    return (unsigned)statistic < ABX_BALLOON_STATISTICS ? names[statistic] : NULL;
}

static abx_status fail_absent(const char *operation)
{
    return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "Give it one: ABX_DEVICE_BALLOON.", "%s of a machine that has none",
                    operation);
}

/* The guest is gone, and its balloon with it. */
static abx_status check_alive(const abx_machine *machine, const char *operation)
{
    abx_vm_state state = abx_vm_get_state(machine->vm);
    if (state != ABX_VM_STOPPED && state != ABX_VM_FAILED)
        return ABX_OK;
    return abx_fail(ABX_ERR_STATE, 0, "The machine has ended.", "%s", operation);
}

abx_status abx_machine_balloon_set_target(abx_machine *machine, uint64_t bytes)
{
    static const char operation[] = "set the balloon's target";
    if (!machine)
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "%s", operation);
    if (machine->managed)
        return abx_balloon_set_target(machine->vm, bytes);
    if (!machine->balloon)
        return fail_absent(operation);
    abx_status status = check_alive(machine, operation);
    return status == ABX_OK ? abx_virtio_balloon_set_target(machine->balloon->object, bytes) : status;
}

abx_status abx_machine_balloon_get_info(abx_machine *machine, abx_balloon_info *info)
{
    static const char operation[] = "look at the balloon";
    if (!machine || !info || info->size != sizeof(*info))
        return abx_fail(ABX_ERR_INVALID, 0, "Start from ABX_BALLOON_INFO_INIT, compiled with this library's header.",
                        "%s", operation);
    abx_balloon_info fresh = ABX_BALLOON_INFO_INIT;
    abx_status status = ABX_OK;
    if (machine->managed)
        status = abx_balloon_get_target(machine->vm, &fresh.target);
    else if (machine->balloon)
        abx_virtio_balloon_get_info(machine->balloon->object, &fresh);
    else
        status = fail_absent(operation);
    if (status == ABX_OK)
        *info = fresh;
    return status;
}

abx_status abx_machine_balloon_ask(abx_machine *machine)
{
    static const char operation[] = "ask the guest about its memory";
    if (!machine)
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "%s", operation);
    if (machine->managed)
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "Balloons of managed backends have no statistics.", "%s", operation);
    if (!machine->balloon)
        return fail_absent(operation);
    abx_status status = check_alive(machine, operation);
    return status == ABX_OK ? abx_virtio_balloon_ask(machine->balloon->object) : status;
}

static abx_status check_hints(const abx_machine *machine, const char *operation)
{
    if (!machine)
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "%s", operation);
    if (machine->managed)
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "Balloons of managed backends have no hints.", "%s", operation);
    return machine->balloon ? ABX_OK : fail_absent(operation);
}

abx_status abx_machine_balloon_hint(abx_machine *machine, abx_balloon_hinted done, void *payload)
{
    static const char operation[] = "ask the guest what memory is free";
    if (!done)
        return abx_fail(ABX_ERR_INVALID, 0, "Give it a function that hears the answer.", "%s", operation);
    abx_status status = check_hints(machine, operation);
    if (status == ABX_OK)
        status = check_alive(machine, operation);
    return status == ABX_OK ? abx_virtio_balloon_hint(machine->balloon->object, done, payload) : status;
}

abx_status abx_machine_balloon_cancel_hint(abx_machine *machine)
{
    abx_status status = check_hints(machine, "cancel asking what memory is free");
    return status == ABX_OK ? abx_virtio_balloon_cancel_hint(machine->balloon->object) : status;
}
