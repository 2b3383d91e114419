/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What only managed VMs do. */
#include "backends.h"
#include "device_list.h"
#include "vm_internal.h"

#define AT(function) offsetof(abx_backend, function)

abx_status abx_vm_check_managed(const abx_vm *vm, bool valid, abx_cap cap, size_t offset, const char *operation)
{
    if (!vm || !valid)
        return abx_fail(ABX_ERR_INVALID, 0, "An argument is NULL or out of its range.", "%s", operation);
    const abx_backend *backend = abx_vm_backend(vm);
    bool able = cap == ABX_CAP_COUNT || abx_hypervisor_has(abx_vm_get_hypervisor(vm), cap);
    return able && abx_table_has(backend, offset) ? ABX_OK : abx_fail_unmanaged(backend, operation);
}

abx_status abx_vm_check_device(const abx_vm *vm, abx_device_kind kind, const char *operation)
{
    if (abx_devices_find(abx_vm_get_config(vm), kind))
        return ABX_OK;
    return abx_fail(ABX_ERR_STATE, 0, "The VM's configuration does not list such a device.", "%s", operation);
}

static abx_status request_stop(abx_vm *vm, const char *operation)
{
    abx_status status = abx_vm_expect(vm, ABX_VM_RUNNING, operation);
    return status != ABX_OK ? status : abx_vm_backend(vm)->vm_request_stop(abx_vm_backend_object(vm));
}

abx_status abx_vm_request_stop(abx_vm *vm)
{
    static const char operation[] = "ask the guest to stop";
    abx_status status = abx_vm_check_managed(vm, true, ABX_CAP_REQUEST_STOP, AT(vm_request_stop), operation);
    if (status != ABX_OK)
        return status;
    abx_vm_lock_life(vm);
    status = request_stop(vm, operation);
    abx_vm_unlock_life(vm);
    return status;
}

/* The guest has been asked. */
static abx_status await_shutdown(abx_vm *vm, int timeout_ms, const char *operation)
{
    bool ended = abx_vm_await_end(vm, timeout_ms);
    if (!ended)
        abx_vm_stop(vm);
    if (abx_vm_get_state(vm) == ABX_VM_FAILED)
        return abx_fail(ABX_ERR_LOST, 0, NULL, "%s", operation);
    return ended ? ABX_OK
                 : abx_fail(ABX_ERR_TIMEOUT, 0, "The guest did not switch itself off and has been stopped.", "%s",
                            operation);
}

abx_status abx_vm_shut_down(abx_vm *vm, int timeout_ms)
{
    static const char operation[] = "shut a VM down";
    abx_status status =
        abx_vm_check_managed(vm, timeout_ms >= -1, ABX_CAP_REQUEST_STOP, AT(vm_request_stop), operation);
    if (status != ABX_OK)
        return status;
    abx_vm_lock_life(vm);
    abx_vm_state state = abx_vm_get_state(vm);
    if (state == ABX_VM_RUNNING || state == ABX_VM_PAUSED)
        status = request_stop(vm, operation);
    abx_vm_unlock_life(vm);
    if (state == ABX_VM_PAUSED)
        return status;
    if (state == ABX_VM_RUNNING && status == ABX_OK)
        return await_shutdown(vm, timeout_ms, operation);
    /* The guest may also have ended while it was asked. */
    if (abx_vm_get_state(vm) == ABX_VM_STOPPED)
        return ABX_OK;
    abx_vm_stop(vm);
    return status;
}

abx_status abx_vm_save(abx_vm *vm, const char *path)
{
    static const char operation[] = "save a VM";
    abx_status status = abx_vm_check_managed(vm, path && *path, ABX_CAP_SAVE, AT(vm_save), operation);
    if (status != ABX_OK)
        return status;
    abx_vm_lock_life(vm);
    status = abx_vm_expect(vm, ABX_VM_PAUSED, operation);
    if (status == ABX_OK)
        status = abx_vm_backend(vm)->vm_save(abx_vm_backend_object(vm), path);
    abx_vm_unlock_life(vm);
    return status;
}

abx_status abx_vm_restore(abx_vm *vm, const char *path)
{
    static const char operation[] = "restore a VM";
    abx_status status = abx_vm_check_managed(vm, path && *path, ABX_CAP_SAVE, AT(vm_restore), operation);
    if (status != ABX_OK)
        return status;
    abx_vm_lock_life(vm);
    status = abx_vm_expect(vm, ABX_VM_CREATED, operation);
    if (status == ABX_OK)
        status = abx_vm_backend(vm)->vm_restore(abx_vm_backend_object(vm), path);
    if (status == ABX_OK)
        status = abx_vm_arrive(vm, ABX_VM_PAUSED, operation);
    abx_vm_unlock_life(vm);
    return status;
}

abx_status abx_vm_get_machine_id(const abx_vm *vm, void *buffer, size_t capacity, size_t *size)
{
    abx_status status = abx_vm_check_managed(vm, (buffer || !capacity) && size, ABX_CAP_COUNT, AT(vm_get_machine_id),
                                             "get a machine's identifier");
    if (status != ABX_OK)
        return status;
    return abx_vm_backend(vm)->vm_get_machine_id(abx_vm_backend_object(vm), buffer, capacity, size);
}

abx_status abx_vm_get_cpu_time(const abx_vm *vm, uint64_t *nanoseconds)
{
    abx_status status =
        abx_vm_check_managed(vm, nanoseconds, ABX_CAP_COUNT, AT(vm_get_cpu_time), "get the CPU time of a VM's process");
    return status == ABX_OK ? abx_vm_backend(vm)->vm_get_cpu_time(abx_vm_backend_object(vm), nanoseconds) : status;
}
