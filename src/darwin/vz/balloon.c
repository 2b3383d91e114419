/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "foundation.h"
#include "vm_object.h"
#include "vz_api.h"

typedef struct request {
    const abx_vz_vm *vm;
    uint64_t bytes;
    abx_vz_fault fault;
} request;

static id find(request *r)
{
    id balloon = abx_ns_first(VZVirtualMachine_memoryBalloonDevices(r->vm->machine));
    if (!balloon)
        abx_vz_fault_set(&r->fault, ABX_ERR_NOT_FOUND, "Add ABX_DEVICE_BALLOON to the VM's devices.");
    return balloon;
}

static void set(void *context)
{
    request *r = context;
    id balloon = find(r);
    if (balloon)
        VZVirtioTraditionalMemoryBalloonDevice_setTargetVirtualMachineMemorySize_(balloon, r->bytes);
}

static void get(void *context)
{
    request *r = context;
    id balloon = find(r);
    if (balloon)
        r->bytes = VZVirtioTraditionalMemoryBalloonDevice_targetVirtualMachineMemorySize(balloon);
}

static abx_status call(request *r, void (*work)(void *), const char *operation)
{
    abx_vz_queue_call(r->vm->queue, work, r);
    return abx_vz_fault_report(&r->fault, operation);
}

abx_status abx_vz_balloon_set_target(void *vm, uint64_t bytes)
{
    request r = { .vm = vm, .bytes = bytes };
    return call(&r, set, "set a balloon's target");
}

abx_status abx_vz_balloon_get_target(void *vm, uint64_t *bytes)
{
    request r = { .vm = vm };
    abx_status status = call(&r, get, "ask for a balloon's target");
    if (status == ABX_OK)
        *bytes = r.bytes;
    return status;
}
