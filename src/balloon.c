/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <arcbox/balloon.h>

#include "device_list.h"
#include "vm_internal.h"

/* With the life of the VM held still; the caller lets it go. */
static abx_status check(abx_vm *vm, const char *operation)
{
    abx_status status = abx_vm_check_device(vm, ABX_DEVICE_BALLOON, operation);
    if (status == ABX_OK && abx_vm_get_state(vm) != ABX_VM_PAUSED)
        status = abx_vm_expect(vm, ABX_VM_RUNNING, operation);
    return status;
}

abx_status abx_balloon_set_target(abx_vm *vm, uint64_t bytes)
{
    static const char operation[] = "set the balloon's target";
    abx_status status =
        abx_vm_check_managed(vm, true, ABX_CAP_BALLOON, offsetof(abx_backend, balloon_set_target), operation);
    if (status != ABX_OK)
        return status;
    const abx_vm_config *config = abx_vm_get_config(vm);
    const abx_device_config *device = abx_devices_find(config, ABX_DEVICE_BALLOON);
    uint64_t least = device && device->balloon.minimum ? device->balloon.minimum : 1;
    if (bytes < least || bytes > config->memory_size)
        return abx_fail(ABX_ERR_LIMIT, 0, "It must be at least the balloon's minimum and at most the VM's memory_size.",
                        "%s to %llu bytes", operation, (unsigned long long)bytes);
    abx_vm_lock_life(vm);
    status = check(vm, operation);
    if (status == ABX_OK)
        status = abx_vm_backend(vm)->balloon_set_target(abx_vm_backend_object(vm), bytes);
    abx_vm_unlock_life(vm);
    return status;
}

abx_status abx_balloon_get_target(abx_vm *vm, uint64_t *bytes)
{
    static const char operation[] = "get the balloon's target";
    abx_status status =
        abx_vm_check_managed(vm, bytes, ABX_CAP_BALLOON, offsetof(abx_backend, balloon_get_target), operation);
    if (status != ABX_OK)
        return status;
    abx_vm_lock_life(vm);
    status = check(vm, operation);
    if (status == ABX_OK)
        status = abx_vm_backend(vm)->balloon_get_target(abx_vm_backend_object(vm), bytes);
    abx_vm_unlock_life(vm);
    return status;
}
