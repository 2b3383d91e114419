/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "foundation.h"
#include "transition.h"
#include "vz_api.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* All of a guest's memory goes to a disk, or comes from it. */
#define FILE_MS 600000

static bool is_paused(id machine)
{
    return VZVirtualMachine_state(machine) == VZVirtualMachineStatePaused;
}

typedef struct question {
    const abx_vz_vm *vm;
    abx_vz_fault fault;
} question;

static void ask_whether_savable(void *context)
{
    question *q = context;
    id error = NULL;
    if (!VZVirtualMachineConfiguration_validateSaveRestoreSupportWithError_(q->vm->configuration, &error))
        abx_vz_fault_from(&q->fault, error);
}

/* Some devices cannot be saved; the framework knows which. */
static abx_status check_configuration(const abx_vz_vm *vm, const char *operation)
{
    question q = { .vm = vm };
    abx_vz_queue_call(vm->queue, ask_whether_savable, &q);
    if (q.fault.status != ABX_OK)
        q.fault.status = ABX_ERR_NOT_SUPPORTED;
    return abx_vz_fault_report(&q.fault, operation);
}

static abx_status run(abx_vz_vm *vm, const abx_vz_transition *transition)
{
    abx_vz_fault fault;
    bool begun;
    if (!VZVirtualMachine_saveMachineStateToURL_completionHandler__available())
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0,
                        "It needs " VZVirtualMachine_saveMachineStateToURL_completionHandler__SINCE ".", "%s",
                        transition->operation);
    abx_status status = check_configuration(vm, transition->operation);
    return status == ABX_OK ? abx_vz_transition_run(vm, transition, &begun, &fault) : status;
}

abx_status abx_vz_vm_save(void *vm, const char *path)
{
    const abx_vz_transition save = {
        .operation = "save a VM",
        .allowed = is_paused,
        .send_url = VZVirtualMachine_saveMachineStateToURL_completionHandler_,
        .path = path,
        .timeout_ms = FILE_MS,
    };
    return run(vm, &save);
}

abx_status abx_vz_vm_restore(void *vm, const char *path)
{
    const abx_vz_transition restore = {
        .operation = "restore a VM",
        .allowed = VZVirtualMachine_canStart,
        .send_url = VZVirtualMachine_restoreMachineStateFromURL_completionHandler_,
        .path = path,
        .timeout_ms = FILE_MS,
    };
    struct stat file;
    if (stat(path, &file) != 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "open saved state %s", path);
    return run(vm, &restore);
}

abx_status abx_vz_vm_get_machine_id(const void *object, void *buffer, size_t capacity, size_t *size)
{
    const abx_vz_vm *vm = object;
    static const char operation[] = "get the machine identifier of a VM";
    if (!vm->machine_id)
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0,
                        "It needs " VZGenericPlatformConfiguration_setMachineIdentifier__SINCE ".", "%s", operation);
    *size = vm->machine_id_size;
    if (!buffer)
        return ABX_OK;
    if (capacity < vm->machine_id_size)
        return abx_fail(ABX_ERR_LIMIT, 0, NULL, "%s, which has %zu bytes", operation, vm->machine_id_size);
    memcpy(buffer, vm->machine_id, vm->machine_id_size);
    return ABX_OK;
}
