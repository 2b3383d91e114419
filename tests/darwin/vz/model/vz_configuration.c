/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The configuration and its validation; the devices that have nothing to configure. */
#include "classes.h"
#include "devices.h"

#include <string.h>

static uint64_t least_cpus(Class class, SEL selector)
{
    (void)class;
    (void)selector;
    return model.cpu_limits[0];
}

static uint64_t most_cpus(Class class, SEL selector)
{
    (void)class;
    (void)selector;
    return model.cpu_limits[1];
}

static uint64_t least_memory(Class class, SEL selector)
{
    (void)class;
    (void)selector;
    return model.memory_limits[0];
}

static uint64_t most_memory(Class class, SEL selector)
{
    (void)class;
    (void)selector;
    return model.memory_limits[1];
}

static const char *first_problem(id array, const char *(*problem)(id))
{
    for (size_t i = 0; i < model_array_count(array); i++) {
        const char *text = problem(model_array_at(array, i));
        if (text)
            return text;
    }
    return NULL;
}

static bool two_have_one_tag(id shares)
{
    for (size_t i = 0; i < model_array_count(shares); i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(vz_share_tag(model_array_at(shares, i)), vz_share_tag(model_array_at(shares, j))) == 0)
                return true;
    return false;
}

static const char *size_problem(const vz_configuration *it)
{
    if (it->cpus < model.cpu_limits[0] || it->cpus > model.cpu_limits[1])
        return "The number of CPUs is out of range.";
    if (it->memory < model.memory_limits[0] || it->memory > model.memory_limits[1] || it->memory % (1 << 20) != 0)
        return "The memory size is out of range or no multiple of 1 MiB.";
    return NULL;
}

static const char *device_problem(const vz_configuration *it)
{
    if (model_array_count(it->sockets) > 1 || model_array_count(it->balloons) > 1)
        return "There is more than one socket device or memory balloon.";
    if (two_have_one_tag(it->shares))
        return "Two directory sharing devices have the same tag.";
    const char *problem = first_problem(it->consoles, vz_console_problem);
    if (!problem)
        problem = first_problem(it->storage, vz_storage_problem);
    if (!problem)
        problem = first_problem(it->networks, vz_network_problem);
    if (!problem)
        problem = first_problem(it->shares, vz_share_problem);
    return problem;
}

const char *vz_configuration_problem(id configuration)
{
    const vz_configuration *it = (const vz_configuration *)configuration;
    if (!model.supported)
        return "Virtualization is not available on this hardware.";
    if (!model.entitled)
        return "The process doesn't have the \"com.apple.security.virtualization\" entitlement.";
    const char *problem = vz_boot_loader_problem(it->boot_loader);
    if (!problem)
        problem = vz_platform_problem(it->platform);
    if (!problem)
        problem = size_problem(it);
    return problem ? problem : device_problem(it);
}

static BOOL validate(id object, SEL selector, id *error)
{
    (void)selector;
    const char *problem = vz_configuration_problem(object);
    if (!problem && model_fails("validateWithError:"))
        problem = "Internal error.";
    return problem ? model_report(error, 2, problem) : true;
}

static BOOL validate_save(id object, SEL selector, id *error)
{
    (void)object;
    (void)selector;
    if (model.can_save && !model_fails("validateSaveRestoreSupportWithError:"))
        return true;
    return model_report(error, 11, "A device cannot be saved.");
}

static const model_method methods[] = {
    METHOD('+', "minimumAllowedCPUCount", "Q@:", least_cpus, ALWAYS, 0),
    METHOD('+', "maximumAllowedCPUCount", "Q@:", most_cpus, ALWAYS, 0),
    METHOD('+', "minimumAllowedMemorySize", "Q@:", least_memory, ALWAYS, 0),
    METHOD('+', "maximumAllowedMemorySize", "Q@:", most_memory, ALWAYS, 0),
    METHOD('-', "validateWithError:", "B@:^@", validate, ALWAYS, 0),
    METHOD('-', "validateSaveRestoreSupportWithError:", "B@:^@", validate_save, MACOS(14, 0), ARM64_ONLY),
};
#define DEVICES(name, member, element, since)                                                                          \
    {                                                                                                                  \
        name, NULL, '@', COPIED, offsetof(vz_configuration, member), since, "NSArray", element                         \
    }
static const model_property properties[] = {
    { "bootLoader", NULL, '@', RETAINED, offsetof(vz_configuration, boot_loader), ALWAYS, "VZBootLoader", NULL },
    { "platform", NULL, '@', RETAINED, offsetof(vz_configuration, platform), MACOS(12, 0), "VZPlatformConfiguration",
      NULL },
    { "CPUCount", NULL, 'Q', PLAIN, offsetof(vz_configuration, cpus), ALWAYS, NULL, NULL },
    { "memorySize", NULL, 'Q', PLAIN, offsetof(vz_configuration, memory), ALWAYS, NULL, NULL },
    DEVICES("serialPorts", serial_ports, "VZSerialPortConfiguration", ALWAYS),
    DEVICES("consoleDevices", consoles, "VZConsoleDeviceConfiguration", MACOS(13, 0)),
    DEVICES("storageDevices", storage, "VZStorageDeviceConfiguration", ALWAYS),
    DEVICES("networkDevices", networks, "VZNetworkDeviceConfiguration", ALWAYS),
    DEVICES("entropyDevices", entropy, "VZEntropyDeviceConfiguration", ALWAYS),
    DEVICES("memoryBalloonDevices", balloons, "VZMemoryBalloonDeviceConfiguration", ALWAYS),
    DEVICES("socketDevices", sockets, "VZSocketDeviceConfiguration", ALWAYS),
    DEVICES("directorySharingDevices", shares, "VZDirectorySharingDeviceConfiguration", MACOS(12, 0)),
};
const model_class model_vz_configuration = { .name = "VZVirtualMachineConfiguration",
                                             .super = "NSObject",
                                             .size = sizeof(vz_configuration),
                                             METHODS(methods),
                                             PROPERTIES(properties) };

const model_class model_vz_entropy = { .name = "VZEntropyDeviceConfiguration", .super = "NSObject", .flags = ABSTRACT };
const model_class model_vz_virtio_entropy = { .name = "VZVirtioEntropyDeviceConfiguration",
                                              .super = "VZEntropyDeviceConfiguration" };
const model_class model_vz_balloon_device = { .name = "VZMemoryBalloonDeviceConfiguration",
                                              .super = "NSObject",
                                              .flags = ABSTRACT };
const model_class model_vz_virtio_balloon = { .name = "VZVirtioTraditionalMemoryBalloonDeviceConfiguration",
                                              .super = "VZMemoryBalloonDeviceConfiguration" };
const model_class model_vz_socket_device = { .name = "VZSocketDeviceConfiguration",
                                             .super = "NSObject",
                                             .flags = ABSTRACT };
const model_class model_vz_virtio_socket = { .name = "VZVirtioSocketDeviceConfiguration",
                                             .super = "VZSocketDeviceConfiguration" };
