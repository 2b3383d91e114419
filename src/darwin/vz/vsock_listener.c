/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "connection.h"
#include "delegate.h"
#include "vsock.h"
#include "vz_api.h"

#include <stdlib.h>

/* A port of the host's that the guest may connect to. */
typedef struct listening {
    abx_vz_vm *vm;
    abx_vsock_listener *handle; /* gets the connections */
    uint32_t port;
    id listener; /* VZVirtioSocketListener */
    id delegate; /* ours; the listener does not retain it */
    abx_vz_fault fault;
} listening;

static BOOL should_accept(id self, SEL selector, id listener, id connection, id device)
{
    const listening *l = abx_delegate_owner(self);
    abx_vz_fault fault;
    bool taken = false;
    int fd;
    (void)selector;
    (void)listener;
    (void)device;
    if (!l)
        return false;
    void *pool = objc_autoreleasePoolPush();
    if (abx_vz_connection_take(connection, &fd, &fault))
        taken = abx_backend_vsock_arrived(l->handle, fd, VZVirtioSocketConnection_sourcePort(connection)) == ABX_OK;
    objc_autoreleasePoolPop(pool);
    return taken;
}

static Class delegate_class(void)
{
    static const abx_delegate_method methods[] = {
        { listener_shouldAcceptNewConnection_fromSocketDevice_SELECTOR,
          listener_shouldAcceptNewConnection_fromSocketDevice_ENCODING, (IMP)should_accept },
    };
    return abx_delegate_class("ABXSocketListenerDelegate", methods, sizeof(methods) / sizeof(methods[0]));
}

static void listen_now(void *context)
{
    listening *l = context;
    id device = abx_vz_vsock_device(l->vm, &l->fault);
    if (!device)
        return;
    l->listener = objc_retain(VZVirtioSocketListener_init());
    if (!l->listener) {
        abx_vz_fault_set(&l->fault, ABX_ERR_NO_MEMORY, "The framework makes no listener.");
        return;
    }
    VZVirtioSocketListener_setDelegate_(l->listener, l->delegate);
    VZVirtioSocketDevice_setSocketListener_forPort_(device, l->listener, l->port);
}

static void unlisten_now(void *context)
{
    listening *l = context;
    abx_vz_fault none;
    id device = l->listener ? abx_vz_vsock_device(l->vm, &none) : NULL;
    if (device)
        VZVirtioSocketDevice_removeSocketListenerForPort_(device, l->port);
    if (l->listener)
        VZVirtioSocketListener_setDelegate_(l->listener, NULL);
    abx_delegate_forget(l->delegate);
    objc_release(l->listener);
    objc_release(l->delegate);
}

abx_status abx_vz_vsock_listen(void **out, void *vm, uint32_t port, abx_vsock_listener *listener)
{
    static const char operation[] = "listen for connections of the guest";
    listening *l = calloc(1, sizeof(*l));
    if (!l)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "%s", operation);
    *l = (listening){ .vm = vm, .handle = listener, .port = port };
    abx_status status = abx_delegate_new(&l->delegate, delegate_class(), l);
    if (status != ABX_OK) {
        free(l);
        return status;
    }
    abx_vz_queue_call(l->vm->queue, listen_now, l);
    status = abx_vz_fault_report(&l->fault, operation);
    if (status == ABX_OK)
        *out = l;
    else
        abx_vz_vsock_unlisten(l);
    return status;
}

void abx_vz_vsock_unlisten(void *object)
{
    listening *l = object;
    abx_vz_queue_call(l->vm->queue, unlisten_now, l);
    free(l);
}
