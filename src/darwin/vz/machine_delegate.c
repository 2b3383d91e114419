/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_delegate.h"
#include "delegate.h"
#include "vsock.h"
#include "vz_api.h"

#include <stdio.h>

static void post(const abx_vz_vm *vm, abx_event_kind kind, uint64_t code, const char *text)
{
    abx_event event = { .kind = kind, .vcpu = UINT32_MAX, .code = code };
    snprintf(event.text, sizeof(event.text), "%.*s", (int)sizeof(event.text) - 1, text);
    abx_event_post(vm->handle, &event);
}

static void guest_did_stop(id self, SEL selector, id machine)
{
    abx_vz_vm *vm = abx_delegate_owner(self);
    (void)selector;
    (void)machine;
    if (!vm || vm->stopping)
        return;
    void *pool = objc_autoreleasePoolPush();
    abx_vz_vsock_end(vm);
    post(vm, ABX_EVENT_GUEST_SHUTDOWN, 0, "");
    abx_backend_vm_ended(vm->handle, ABX_VM_STOPPED, NULL);
    objc_autoreleasePoolPop(pool);
}

static void did_stop_with_error(id self, SEL selector, id machine, id error)
{
    abx_vz_vm *vm = abx_delegate_owner(self);
    (void)selector;
    (void)machine;
    if (!vm || vm->stopping)
        return;
    void *pool = objc_autoreleasePoolPush();
    abx_vz_fault fault;
    abx_vz_fault_from(&fault, error);
    abx_vz_vsock_end(vm);
    post(vm, ABX_EVENT_BACKEND_LOST, 0, fault.text);
    abx_backend_vm_ended(vm->handle, ABX_VM_FAILED, fault.text);
    objc_autoreleasePoolPop(pool);
}

/* The device's index in the configuration; the framework keeps its order. UINT64_MAX when it is not there. */
static uint64_t index_of(const abx_vz_vm *vm, id device)
{
    id devices = VZVirtualMachine_networkDevices(vm->machine);
    uint64_t count = NSArray_count(devices), n = 0;
    for (size_t i = 0; i < vm->config->device_count && n < count; i++) {
        if (vm->config->devices[i].kind != ABX_DEVICE_NET)
            continue;
        if (NSArray_objectAtIndex_(devices, n++) == device)
            return i;
    }
    return UINT64_MAX;
}

static void network_was_disconnected(id self, SEL selector, id machine, id device, id error)
{
    abx_vz_vm *vm = abx_delegate_owner(self);
    (void)selector;
    (void)machine;
    if (!vm)
        return;
    void *pool = objc_autoreleasePoolPush();
    abx_vz_fault fault;
    abx_vz_fault_from(&fault, error);
    post(vm, ABX_EVENT_NETWORK_DISCONNECTED, index_of(vm, device), fault.text);
    objc_autoreleasePoolPop(pool);
}

abx_status abx_vz_machine_delegate_new(id *out, abx_vz_vm *vm)
{
    static const abx_delegate_method methods[] = {
        { guestDidStopVirtualMachine_SELECTOR, guestDidStopVirtualMachine_ENCODING, (IMP)guest_did_stop },
        { virtualMachine_didStopWithError_SELECTOR, virtualMachine_didStopWithError_ENCODING,
          (IMP)did_stop_with_error },
        { virtualMachine_networkDevice_attachmentWasDisconnectedWithError_SELECTOR,
          virtualMachine_networkDevice_attachmentWasDisconnectedWithError_ENCODING, (IMP)network_was_disconnected },
    };
    Class class = abx_delegate_class("ABXMachineDelegate", methods, sizeof(methods) / sizeof(methods[0]));
    return abx_delegate_new(out, class, vm);
}
