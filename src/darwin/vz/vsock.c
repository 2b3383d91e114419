/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vsock.h"
#include "block.h"
#include "foundation.h"
#include "vz_api.h"

#include <errno.h>
#include <stdio.h>

/* One who waits for a connection. Lives on that thread's stack; linked and unlinked on the queue. */
struct abx_vz_connecting {
    abx_vz_vm *vm;
    uint32_t port;
    abx_completion *completion;
    abx_vz_connecting *next;
};

id abx_vz_vsock_device(const abx_vz_vm *vm, abx_vz_fault *fault)
{
    id device = abx_ns_first(VZVirtualMachine_socketDevices(vm->machine));
    if (!device)
        abx_vz_fault_set(fault, ABX_ERR_NOT_FOUND, "Add ABX_DEVICE_VSOCK to the VM's devices.");
    return device;
}

static void answer(abx_completion *completion, const abx_vz_fault *fault)
{
    abx_completion_answer(completion, fault, -1);
}

static void connect_now(void *context)
{
    abx_vz_connecting *c = context;
    abx_vz_vm *vm = c->vm;
    abx_vz_fault fault = { .status = ABX_OK };
    c->next = vm->connecting;
    vm->connecting = c;
    if (VZVirtualMachine_state(vm->machine) != VZVirtualMachineStateRunning) {
        abx_vz_wrong_state(vm, &fault);
        answer(c->completion, &fault);
        return;
    }
    id device = abx_vz_vsock_device(vm, &fault);
    if (!device) {
        answer(c->completion, &fault);
        return;
    }
    abx_block handler;
    abx_block_begin_connection(&handler, c->completion);
    VZVirtioSocketDevice_connectToPort_completionHandler_(device, c->port, &handler);
    abx_block_end(&handler);
}

static void unlink_it(void *context)
{
    const abx_vz_connecting *c = context;
    abx_vz_connecting **link = &c->vm->connecting;
    while (*link != c)
        link = &(*link)->next;
    *link = c->next;
}

/* In the framework's words nobody listening is a connection that was reset. */
static void translate(abx_vz_fault *fault)
{
    if (fault->os_error == ECONNRESET || fault->os_error == ECONNREFUSED)
        fault->status = ABX_ERR_NOT_FOUND;
}

abx_status abx_vz_vsock_connect(void *vm, uint32_t port, int timeout_ms, int *fd)
{
    abx_vz_connecting c = { .vm = vm, .port = port };
    abx_vz_fault fault;
    char operation[64];
    int connected = -1;
    snprintf(operation, sizeof(operation), "connect to port %u of the guest", port);
    abx_status status = abx_vz_queue_may_wait(c.vm->queue, operation);
    if (status == ABX_OK)
        status = abx_completion_new(&c.completion);
    if (status != ABX_OK)
        return status;
    abx_vz_queue_call(c.vm->queue, connect_now, &c);
    /* The framework never answers when nobody takes the connection. */
    abx_completion_wait(c.completion, timeout_ms, &fault, &connected);
    abx_vz_queue_call(c.vm->queue, unlink_it, &c);
    abx_completion_release(c.completion);
    translate(&fault);
    if (fault.status == ABX_OK)
        *fd = connected;
    return abx_vz_fault_report(&fault, operation);
}

void abx_vz_vsock_end(abx_vz_vm *vm)
{
    abx_vz_fault fault;
    abx_vz_fault_set(&fault, ABX_ERR_STATE, "The VM came to its end meanwhile.");
    for (abx_vz_connecting *c = vm->connecting; c; c = c->next)
        answer(c->completion, &fault);
}
