/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The socket device. */
#include "block.h"
#include "classes.h"
#include "socket.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { CONNECTION_RESET = ECONNRESET };

static vz_machine *machine_of(vz_socket_device *device, SEL member)
{
    if (!device->machine)
        model_die("%s of a socket device whose machine is gone", model_selector_name(member));
    vz_on_queue(device->machine, member);
    return device->machine;
}

id vz_make_socket_device(vz_machine *machine)
{
    vz_socket_device *device = (vz_socket_device *)model_new("VZVirtioSocketDevice");
    device->machine = machine;
    return (id)device;
}

void vz_part_socket_device(id object)
{
    if (object)
        ((vz_socket_device *)object)->machine = NULL;
    objc_release(object);
}

static enum model_port answer_at(const vz_socket_device *device, uint32_t port)
{
    for (size_t i = 0; i < VZ_PORTS; i++)
        if (device->guests[i].port == port)
            return device->guests[i].answer;
    return MODEL_REFUSES;
}

typedef struct connecting {
    vz_socket_device *device;
    vz_machine *machine;
    void *block;
    uint32_t port;
    long code;
} connecting;

static id connect_to_guest(const connecting *it)
{
    static uint32_t next_port = 1024;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        model_die("no sockets for the model itself");
    model_guest_serve(it->machine->guest, ends[1]);
    return model_autorelease(vz_make_connection(ends[0], next_port++, it->port));
}

static void connected(void *context)
{
    connecting *it = context;
    if (it->code)
        model_block_call2(it->block, NULL, model_vz_error(it->code, "The connection failed."));
    else if (it->machine->state != VZ_RUNNING)
        model_block_call2(it->block, NULL, model_vz_error(VZ_WRONG_STATE, "Invalid virtual machine state."));
    else if (answer_at(it->device, it->port) != MODEL_ECHOES)
        model_block_call2(it->block, NULL,
                          model_error("NSPOSIXErrorDomain", CONNECTION_RESET, "Connection reset by peer"));
    else
        model_block_call2(it->block, connect_to_guest(it), NULL);
    model_block_drop(it->block);
    objc_release((id)it->machine);
    free(it);
}

static bool goes_unanswered(vz_socket_device *device, uint32_t port, void *block)
{
    enum model_port answer = answer_at(device, port);
    if (answer == MODEL_FORGETS)
        model_block_drop(block);
    else if (answer == MODEL_IS_SILENT && device->unanswered_count == VZ_PORTS)
        model_die("the model has no room for one more connection");
    else if (answer == MODEL_IS_SILENT)
        device->unanswered[device->unanswered_count++] = block;
    return answer == MODEL_FORGETS || answer == MODEL_IS_SILENT;
}

static void device_connect(vz_socket_device *device, SEL member, uint32_t port, const void *block)
{
    vz_machine *machine = machine_of(device, member);
    void *kept = model_block_keep(block, "v@?@@");
    long code = model_operation_fails("connect", NULL);
    if (!code && machine->state == VZ_RUNNING && goes_unanswered(device, port, kept))
        return;
    connecting *it = model_memory(sizeof *it);
    *it = (connecting){ device, (vz_machine *)objc_retain((id)machine), kept, port, code };
    model_complete(machine->queue, it, connected);
}

id *vz_listener_at(vz_socket_device *device, uint32_t port)
{
    for (size_t i = 0; i < VZ_PORTS; i++)
        if (device->hosts[i].listener && device->hosts[i].port == port)
            return &device->hosts[i].listener;
    return NULL;
}

static void set_listener(vz_socket_device *device, SEL member, id given, uint32_t port)
{
    machine_of(device, member);
    if (!model_is_kind(given, "VZVirtioSocketListener"))
        model_invalid("-[VZVirtioSocketDevice setSocketListener:forPort:] without a listener");
    id *place = vz_listener_at(device, port);
    for (size_t i = 0; !place && i < VZ_PORTS; i++)
        if (!device->hosts[i].listener) {
            device->hosts[i].port = port;
            place = &device->hosts[i].listener;
        }
    if (!place)
        model_die("the model has no room for one more listener");
    model_set(place, given);
}

static void remove_listener(vz_socket_device *device, SEL member, uint32_t port)
{
    machine_of(device, member);
    id *place = vz_listener_at(device, port);
    if (place)
        model_set(place, NULL);
}

static void device_dealloc(id object)
{
    vz_socket_device *device = (vz_socket_device *)object;
    for (size_t i = 0; i < VZ_PORTS; i++)
        model_set(&device->hosts[i].listener, NULL);
    while (device->unanswered_count)
        model_block_drop(device->unanswered[--device->unanswered_count]);
}

static const model_method device_methods[] = {
    METHOD('-', "connectToPort:completionHandler:", "v@:I@?", device_connect, ALWAYS, 0),
    METHOD('-', "setSocketListener:forPort:", "v@:@I", set_listener, ALWAYS, 0),
    METHOD('-', "removeSocketListenerForPort:", "v@:I", remove_listener, ALWAYS, 0),
};
const model_class model_vz_socket_member = { .name = "VZSocketDevice", .super = "NSObject", .flags = ABSTRACT };
const model_class model_vz_virtio_socket_member = { .name = "VZVirtioSocketDevice",
                                                    .super = "VZSocketDevice",
                                                    .size = sizeof(vz_socket_device),
                                                    .dealloc = device_dealloc,
                                                    .flags = NO_PLAIN_INIT,
                                                    METHODS(device_methods) };
