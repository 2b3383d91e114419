/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Console devices and their ports. Stricter than what is written of the framework: a port is in one place only, and so
 * is an attachment; ports follow each other without a gap; a count of ports comes before the ports.
 */
#include "classes.h"
#include "devices.h"

#include <string.h>

enum { PORTS = 16 };

typedef struct port {
    struct objc_object base;
    id attachment, name;
    BOOL is_console;
    bool placed;
} port;
typedef struct ports {
    struct objc_object base;
    uint32_t most; /* 0: as many as there are */
    id at[PORTS];
} ports;
typedef struct device {
    struct objc_object base;
    id ports;
} device;

static const model_property port_properties[] = {
    { "attachment", NULL, '@', RETAINED, offsetof(port, attachment), MACOS(13, 0), "VZSerialPortAttachment", NULL },
};
const model_class model_vz_console_port = { .name = "VZConsolePortConfiguration",
                                            .super = "NSObject",
                                            .size = sizeof(port),
                                            .flags = ABSTRACT,
                                            .since = MACOS(13, 0),
                                            PROPERTIES(port_properties) };
static const model_property virtio_port_properties[] = {
    { "name", NULL, '@', COPIED, offsetof(port, name), MACOS(13, 0), "NSString", NULL },
    { "isConsole", NULL, 'B', PLAIN, offsetof(port, is_console), MACOS(13, 0), NULL, NULL },
};
const model_class model_vz_virtio_console_port = { .name = "VZVirtioConsolePortConfiguration",
                                                   .super = "VZConsolePortConfiguration",
                                                   .size = sizeof(port),
                                                   .since = MACOS(13, 0),
                                                   PROPERTIES(virtio_port_properties) };

static size_t count_ports(const ports *it)
{
    size_t count = 0;
    while (count < PORTS && it->at[count])
        count++;
    return count;
}

static void set_most(ports *it, SEL selector, uint32_t most)
{
    (void)selector;
    if (most < count_ports(it) || most > PORTS)
        model_invalid("-[VZVirtioConsolePortConfigurationArray setMaximumPortCount:] to %u", most);
    it->most = most;
}

static uint32_t get_most(ports *it, SEL selector)
{
    (void)selector;
    return it->most ? it->most : (uint32_t)count_ports(it);
}

static id get_port(ports *it, SEL selector, uint64_t index)
{
    (void)selector;
    if (index >= PORTS)
        model_raise("NSRangeException", "port %llu", (unsigned long long)index);
    return model_autorelease(objc_retain(it->at[index]));
}

static void set_port(ports *it, SEL selector, id given, uint64_t index)
{
    model_check(given, model_selector_name(selector));
    if (!model_is_kind(given, "VZVirtioConsolePortConfiguration"))
        model_invalid("a port of a console that is not a VZVirtioConsolePortConfiguration");
    if (index >= (it->most ? it->most : PORTS))
        model_raise("NSRangeException", "port %llu of %u", (unsigned long long)index, it->most);
    if (it->at[index] || index != count_ports(it))
        model_invalid("port %llu comes when there are %zu", (unsigned long long)index, count_ports(it));
    if (((port *)given)->placed)
        model_invalid("a port that is in two places");
    ((port *)given)->placed = true;
    model_set(&it->at[index], given);
}

static void ports_dealloc(id object)
{
    for (size_t i = 0; i < PORTS; i++)
        model_set(&((ports *)object)->at[i], NULL);
}

static const model_method ports_methods[] = {
    METHOD('-', "maximumPortCount", "I@:", get_most, ALWAYS, 0),
    METHOD('-', "setMaximumPortCount:", "v@:I", set_most, ALWAYS, 0),
    METHOD('-', "objectAtIndexedSubscript:", "@@:Q", get_port, ALWAYS, 0),
    METHOD('-', "setObject:atIndexedSubscript:", "v@:@Q", set_port, ALWAYS, 0),
};
const model_class model_vz_console_ports = { .name = "VZVirtioConsolePortConfigurationArray",
                                             .super = "NSObject",
                                             .size = sizeof(ports),
                                             .dealloc = ports_dealloc,
                                             .flags = NO_PLAIN_INIT,
                                             .since = MACOS(13, 0),
                                             METHODS(ports_methods) };

static void device_init(id object)
{
    ((device *)object)->ports = model_new("VZVirtioConsolePortConfigurationArray");
}

static const model_property device_properties[] = {
    { "ports", NULL, '@', READ_ONLY, offsetof(device, ports), MACOS(13, 0), NULL, NULL },
};
const model_class model_vz_console = {
    .name = "VZConsoleDeviceConfiguration", .super = "NSObject", .flags = ABSTRACT, .since = MACOS(13, 0)
};
const model_class model_vz_virtio_console = { .name = "VZVirtioConsoleDeviceConfiguration",
                                              .super = "VZConsoleDeviceConfiguration",
                                              .size = sizeof(device),
                                              .init = device_init,
                                              .since = MACOS(13, 0),
                                              PROPERTIES(device_properties) };

static const port *port_at(id object, size_t index)
{
    return (const port *)((ports *)((device *)object)->ports)->at[index];
}

size_t vz_console_count(id object)
{
    return count_ports((ports *)((device *)object)->ports);
}

bool vz_console_descriptors(id object, size_t index, int *input, int *output)
{
    return vz_attachment_descriptors(port_at(object, index)->attachment, input, output);
}

static const char *port_problem(id object, size_t index)
{
    const port *it = port_at(object, index);
    const char *name = model_text(it->name);
    if (!name && !it->is_console)
        return "A port is no console and has no name.";
    for (size_t i = 0; i < index; i++) {
        const port *other = port_at(object, i);
        if (name && model_text(other->name) && strcmp(name, model_text(other->name)) == 0)
            return "Two ports of a console device have the same name.";
        if (it->attachment && it->attachment == other->attachment)
            return "Two ports of a console device have the same attachment.";
    }
    return NULL;
}

const char *vz_console_problem(id object)
{
    const ports *it = (const ports *)((device *)object)->ports;
    const char *problem = it->at[0] ? NULL : "A console device has no ports.";
    if (it->most && it->most != vz_console_count(object))
        problem = "A console device has other ports than it says.";
    for (size_t i = 0; i < vz_console_count(object) && !problem; i++)
        problem = port_problem(object, i);
    return problem;
}
