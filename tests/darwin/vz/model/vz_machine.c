/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* VZVirtualMachine: its members, all of them on its queue, and what the guest does to it. */
#include "classes.h"
#include "devices.h"
#include "machine.h"

/* The framework's own view of a device of a machine's. */
typedef struct network_device {
    struct objc_object base;
    id attachment;
} network_device;

static id newest; /* weak */

id model_machine(void)
{
    id machine = model_load_weak(&newest);
    objc_release(machine);
    return machine;
}

id vz_retain_machine(id machine)
{
    return machine ? objc_retain(machine) : model_load_weak(&newest);
}

void vz_on_queue(const vz_machine *machine, SEL member)
{
    model_queue_assert(machine->queue, model_selector_name(member));
}

void vz_enter(vz_machine *machine, int64_t state)
{
    machine->state = state;
    if (state == VZ_RUNNING && !machine->guest)
        machine->guest = model_guest_begin((id)machine, machine->configuration);
    if (machine->guest && (state == VZ_STOPPED || state == VZ_ERROR)) {
        model_guest_end(machine->guest);
        machine->guest = NULL;
    }
    if (machine->guest)
        model_guest_pause(machine->guest, state == VZ_PAUSED);
}

static id copy_of(id object)
{
    const vz_configuration *from = (const vz_configuration *)object;
    vz_configuration *copy = (vz_configuration *)model_new("VZVirtualMachineConfiguration");
    const id *each[] = { &from->boot_loader, &from->platform, &from->serial_ports, &from->consoles, &from->storage,
                         &from->networks,    &from->entropy,  &from->balloons,     &from->sockets,  &from->shares };
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++)
        model_set((id *)(void *)((char *)copy + ((const char *)each[i] - (const char *)from)), *each[i]);
    copy->cpus = from->cpus;
    copy->memory = from->memory;
    return (id)copy;
}

static void make_devices(vz_machine *machine)
{
    const vz_configuration *configuration = (const vz_configuration *)machine->configuration;
    if (model_array_count(configuration->sockets))
        machine->socket_device = vz_make_socket_device(machine);
    if (model_array_count(configuration->balloons))
        machine->balloon = vz_make_balloon(machine, configuration->memory);
    for (size_t i = 0; i < model_array_count(configuration->networks) && i < 8; i++)
        machine->networks[machine->network_count++] = model_new("VZNetworkDevice");
}

static id machine_init(id object, SEL selector, id configuration, dispatch_queue_t queue)
{
    (void)selector;
    vz_machine *machine = (vz_machine *)object;
    if (!model_is_kind(configuration, "VZVirtualMachineConfiguration"))
        model_invalid("-[VZVirtualMachine initWithConfiguration:queue:] without a configuration");
    model_queue_check(queue, "-[VZVirtualMachine initWithConfiguration:queue:]");
    if (!model_queue_is_serial(queue))
        model_die("-[VZVirtualMachine initWithConfiguration:queue:] with a concurrent queue");
    const char *problem = vz_configuration_problem(configuration);
    if (problem)
        model_invalid("-[VZVirtualMachine initWithConfiguration:queue:]: %s", problem);
    if (model_fails("initWithConfiguration:queue:"))
        return model_init_failed(object);
    model_queue_retain(queue);
    machine->queue = queue;
    machine->configuration = copy_of(configuration);
    make_devices(machine);
    model_set_weak(&newest, object);
    return object;
}

static void machine_dealloc(id object)
{
    vz_machine *machine = (vz_machine *)object;
    model_set_weak(&machine->delegate, NULL);
    if (machine->guest)
        model_guest_end(machine->guest);
    vz_part_socket_device(machine->socket_device);
    vz_part_balloon(machine->balloon);
    for (size_t i = 0; i < machine->network_count; i++)
        objc_release(machine->networks[i]);
    objc_release(machine->configuration);
    if (machine->queue)
        dispatch_release(machine->queue);
}

static BOOL is_supported(Class class, SEL selector)
{
    (void)class;
    (void)selector;
    return model.supported;
}

static int64_t machine_state(vz_machine *machine, SEL member)
{
    vz_on_queue(machine, member);
    return machine->state;
}

static BOOL is_in(vz_machine *machine, SEL member, int64_t one, int64_t other)
{
    vz_on_queue(machine, member);
    return machine->state == one || machine->state == other;
}

static BOOL can_start(vz_machine *machine, SEL member)
{
    return is_in(machine, member, VZ_STOPPED, VZ_ERROR);
}

static BOOL can_stop(vz_machine *machine, SEL member)
{
    return is_in(machine, member, VZ_RUNNING, VZ_PAUSED);
}

static BOOL can_pause(vz_machine *machine, SEL member)
{
    return is_in(machine, member, VZ_RUNNING, VZ_RUNNING);
}

static BOOL can_resume(vz_machine *machine, SEL member)
{
    return is_in(machine, member, VZ_PAUSED, VZ_PAUSED);
}

static BOOL request_stop(vz_machine *machine, SEL member, id *error)
{
    vz_on_queue(machine, member);
    if (machine->state != VZ_RUNNING)
        return model_report(error, VZ_WRONG_STATE, "Invalid virtual machine state.");
    if (model_fails("requestStopWithError:"))
        return model_report(error, VZ_INTERNAL, "Internal error.");
    model_guest_ask_to_stop(machine->guest);
    return true;
}

static void set_delegate(vz_machine *machine, SEL member, id delegate)
{
    vz_on_queue(machine, member);
    model_check_delegate(delegate, "VZVirtualMachineDelegate");
    model_set_weak(&machine->delegate, delegate);
}

static id devices(vz_machine *machine, SEL member, const char *name, id device)
{
    vz_on_queue(machine, member);
    return model_fails(name) ? NULL : model_autorelease(model_array(&device, device ? 1 : 0));
}

static id socket_devices(vz_machine *machine, SEL member)
{
    return devices(machine, member, "socketDevices", machine->socket_device);
}

static id balloon_devices(vz_machine *machine, SEL member)
{
    return devices(machine, member, "memoryBalloonDevices", machine->balloon);
}

static id network_devices(vz_machine *machine, SEL member)
{
    vz_on_queue(machine, member);
    return model_fails("networkDevices") ? NULL
                                         : model_autorelease(model_array(machine->networks, machine->network_count));
}

static const model_method methods[] = {
    METHOD('+', "isSupported", "B@:", is_supported, ALWAYS, 0),
    METHOD('-', "initWithConfiguration:queue:", "@@:@@", machine_init, ALWAYS, 0),
    METHOD('-', "state", "q@:", machine_state, ALWAYS, 0),
    METHOD('-', "canStart", "B@:", can_start, ALWAYS, 0),
    METHOD('-', "canStop", "B@:", can_stop, MACOS(12, 0), 0),
    METHOD('-', "canPause", "B@:", can_pause, ALWAYS, 0),
    METHOD('-', "canResume", "B@:", can_resume, ALWAYS, 0),
    METHOD('-', "canRequestStop", "B@:", can_pause, ALWAYS, 0),
    METHOD('-', "requestStopWithError:", "B@:^@", request_stop, ALWAYS, 0),
    METHOD('-', "setDelegate:", "v@:@", set_delegate, ALWAYS, 0),
    METHOD('-', "socketDevices", "@@:", socket_devices, ALWAYS, 0),
    METHOD('-', "networkDevices", "@@:", network_devices, MACOS(12, 0), 0),
    METHOD('-', "memoryBalloonDevices", "@@:", balloon_devices, ALWAYS, 0),
};
const model_class model_vz_machine_members = { .name = "VZVirtualMachine",
                                               .super = "NSObject",
                                               .size = sizeof(vz_machine),
                                               .dealloc = machine_dealloc,
                                               .flags = NO_PLAIN_INIT,
                                               .more_methods = vz_operations,
                                               .more_count = VZ_OPERATION_COUNT,
                                               METHODS(methods) };

static const model_property network_properties[] = {
    { "attachment", NULL, '@', READ_ONLY, offsetof(network_device, attachment), ALWAYS, NULL, NULL },
};
const model_class model_vz_network = { .name = "VZNetworkDevice",
                                       .super = "NSObject",
                                       .size = sizeof(network_device),
                                       .flags = NO_PLAIN_INIT,
                                       .since = MACOS(12, 0),
                                       PROPERTIES(network_properties) };
