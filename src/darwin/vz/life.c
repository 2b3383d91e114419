/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "transition.h"
#include "vsock.h"
#include "vz_api.h"

/* The framework has no limits of its own. A guest's memory may have to be read or written first. */
#define START_MS 120000
#define PAUSE_MS 60000
#define STOP_MS  30000

abx_status abx_vz_vm_start(void *object)
{
    abx_vz_vm *vm = object;
    abx_vz_fault fault;
    const abx_vz_transition start = {
        .operation = "start a VM with Virtualization.framework",
        .allowed = VZVirtualMachine_canStart,
        .send = VZVirtualMachine_startWithCompletionHandler_,
        .timeout_ms = START_MS,
    };
    bool begun;
    abx_status status = abx_vz_transition_run(vm, &start, &begun, &fault);
    /* A machine that failed to start has come to its end: whoever waits for its events shall know. */
    if (status != ABX_OK && begun)
        abx_backend_vm_ended(vm->handle, ABX_VM_FAILED, fault.text);
    return status;
}

static abx_status run(abx_vz_vm *vm, const abx_vz_transition *transition)
{
    abx_vz_fault fault;
    bool begun;
    return abx_vz_transition_run(vm, transition, &begun, &fault);
}

abx_status abx_vz_vm_pause(void *vm)
{
    const abx_vz_transition pause = {
        .operation = "pause a VM with Virtualization.framework",
        .allowed = VZVirtualMachine_canPause,
        .send = VZVirtualMachine_pauseWithCompletionHandler_,
        .timeout_ms = PAUSE_MS,
    };
    return run(vm, &pause);
}

abx_status abx_vz_vm_resume(void *vm)
{
    const abx_vz_transition resume = {
        .operation = "resume a VM with Virtualization.framework",
        .allowed = VZVirtualMachine_canResume,
        .send = VZVirtualMachine_resumeWithCompletionHandler_,
        .timeout_ms = PAUSE_MS,
    };
    return run(vm, &resume);
}

/* How far a machine is from its end. */
typedef struct end {
    abx_vz_vm *vm;
    bool ended;    /* it runs no more */
    bool can_stop; /* by stopWithCompletionHandler: */
} end;

static void look(void *context)
{
    end *e = context;
    id machine = e->vm->machine;
    int64_t state = machine ? VZVirtualMachine_state(machine) : VZVirtualMachineStateStopped;
    e->vm->stopping = true;
    e->ended = state == VZVirtualMachineStateStopped || state == VZVirtualMachineStateError;
    e->can_stop = !e->ended && VZVirtualMachine_canStop_available() && VZVirtualMachine_canStop(machine);
    if (e->ended)
        abx_vz_vsock_end(e->vm);
}

/* Without its VZVirtualMachine a guest runs no more. */
static void drop(void *context)
{
    abx_vz_vm *vm = context;
    VZVirtualMachine_setDelegate_(vm->machine, NULL);
    objc_release(vm->machine);
    vm->machine = NULL;
    abx_vz_vsock_end(vm);
}

abx_status abx_vz_vm_stop(void *object)
{
    static const char operation[] = "stop a VM with Virtualization.framework";
    abx_vz_vm *vm = object;
    end e = { .vm = vm };
    const abx_vz_transition stop = {
        .operation = operation,
        .allowed = VZVirtualMachine_canStop,
        .send = VZVirtualMachine_stopWithCompletionHandler_,
        .timeout_ms = STOP_MS,
    };
    abx_status status = abx_vz_queue_may_wait(vm->queue, operation);
    if (status != ABX_OK)
        return status;
    abx_vz_queue_call(vm->queue, look, &e);
    if (e.can_stop) {
        status = run(vm, &stop);
        abx_vz_queue_call(vm->queue, look, &e);
    }
    /* The guest may have ended itself meanwhile. macOS 11 cannot stop a machine, nor can one that is just changing. */
    if (e.ended)
        return ABX_OK;
    abx_vz_queue_call(vm->queue, drop, vm);
    return status;
}

typedef struct request {
    const abx_vz_vm *vm;
    abx_vz_fault fault;
} request;

static void request_stop(void *context)
{
    request *r = context;
    id error = NULL;
    if (!VZVirtualMachine_canRequestStop(r->vm->machine))
        abx_vz_wrong_state(r->vm, &r->fault);
    else if (!VZVirtualMachine_requestStopWithError_(r->vm->machine, &error))
        abx_vz_fault_from(&r->fault, error);
}

abx_status abx_vz_vm_request_stop(void *object)
{
    request r = { .vm = object };
    abx_vz_queue_call(r.vm->queue, request_stop, &r);
    return abx_vz_fault_report(&r.fault, "ask a guest to stop");
}
