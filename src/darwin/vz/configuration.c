/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "configuration.h"
#include "fault.h"
#include "foundation.h"
#include "vz_api.h"

#include <stdlib.h>

/* The framework's lists of devices. */
enum list { SERIAL_PORTS, CONSOLES, DISKS, NETWORKS, ENTROPY, BALLOONS, SOCKETS, SHARES, LISTS };

typedef struct devices {
    id *of[LISTS]; /* each with room for all devices */
    size_t count[LISTS];
} devices;

static abx_status plain(id *out, id device)
{
    *out = device;
    return device ? ABX_OK : abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a device");
}

/* A console of one port is a serial port, which every macOS has. */
static abx_status make_console(id *out, enum list *list, const abx_console_config *console, abx_vz_drain *drain)
{
    *list = console->port_count ? CONSOLES : SERIAL_PORTS;
    return console->port_count ? abx_vz_console_new(out, console, drain)
                               : abx_vz_serial_port_new(out, &console->serial, drain);
}

static abx_status make(id *out, enum list *list, const abx_device_config *device, abx_vz_drain *drain)
{
    switch (device->kind) {
    case ABX_DEVICE_SERIAL:
        *list = SERIAL_PORTS;
        return abx_vz_serial_port_new(out, &device->serial, drain);
    case ABX_DEVICE_CONSOLE:
        return make_console(out, list, &device->console, drain);
    case ABX_DEVICE_BLOCK:
        *list = DISKS;
        return abx_vz_disk_new(out, &device->block);
    case ABX_DEVICE_NET:
        *list = NETWORKS;
        return abx_vz_network_new(out, &device->net);
    case ABX_DEVICE_ENTROPY:
        *list = ENTROPY;
        return plain(out, VZVirtioEntropyDeviceConfiguration_init());
    case ABX_DEVICE_BALLOON:
        *list = BALLOONS;
        return plain(out, VZVirtioTraditionalMemoryBalloonDeviceConfiguration_init());
    case ABX_DEVICE_VSOCK:
        *list = SOCKETS;
        return plain(out, VZVirtioSocketDeviceConfiguration_init());
    case ABX_DEVICE_FS:
        *list = SHARES;
        return abx_vz_share_new(out, &device->fs);
    case ABX_DEVICE_ROSETTA:
        *list = SHARES;
        return abx_vz_rosetta_new(out, &device->rosetta);
    default:
        return ABX_OK; /* the platform has it, or has it not */
    }
}

static abx_status make_devices(devices *d, const abx_vm_config *config, abx_vz_drain *drain)
{
    for (size_t i = 0; i < config->device_count; i++) {
        id device = NULL;
        enum list list = LISTS;
        abx_status status = make(&device, &list, &config->devices[i], drain);
        if (status != ABX_OK)
            return status;
        if (device)
            d->of[list][d->count[list]++] = device;
    }
    return ABX_OK;
}

static abx_status set_devices(id configuration, const devices *d)
{
    static void (*const setters[LISTS])(id, id) = {
        [SERIAL_PORTS] = VZVirtualMachineConfiguration_setSerialPorts_,
        [CONSOLES] = VZVirtualMachineConfiguration_setConsoleDevices_,
        [DISKS] = VZVirtualMachineConfiguration_setStorageDevices_,
        [NETWORKS] = VZVirtualMachineConfiguration_setNetworkDevices_,
        [ENTROPY] = VZVirtualMachineConfiguration_setEntropyDevices_,
        [BALLOONS] = VZVirtualMachineConfiguration_setMemoryBalloonDevices_,
        [SOCKETS] = VZVirtualMachineConfiguration_setSocketDevices_,
        [SHARES] = VZVirtualMachineConfiguration_setDirectorySharingDevices_,
    };
    for (enum list list = 0; list < LISTS; list++) {
        if (d->count[list] == 0)
            continue;
        id array = abx_ns_array(d->of[list], d->count[list]);
        if (!array)
            return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a list of devices");
        setters[list](configuration, array);
    }
    return ABX_OK;
}

static abx_status add_devices(id configuration, const abx_vm_config *config, abx_vz_drain *drain)
{
    devices d = { .count = { 0 } };
    if (config->device_count == 0)
        return ABX_OK;
    id *room = calloc(LISTS * config->device_count, sizeof(id));
    if (!room)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "configure %zu devices", config->device_count);
    for (size_t list = 0; list < LISTS; list++)
        d.of[list] = room + list * config->device_count;
    abx_status status = make_devices(&d, config, drain);
    if (status == ABX_OK)
        status = set_devices(configuration, &d);
    free(room);
    return status;
}

static abx_status add_machine(id configuration, id *identifier, const abx_vm_config *config)
{
    id loader, platform;
    abx_status status = abx_vz_boot_loader_new(&loader, &config->boot);
    if (status == ABX_OK)
        status = abx_vz_platform_new(&platform, identifier, config);
    if (status != ABX_OK)
        return status;
    VZVirtualMachineConfiguration_setBootLoader_(configuration, loader);
    if (platform)
        VZVirtualMachineConfiguration_setPlatform_(configuration, platform);
    VZVirtualMachineConfiguration_setCPUCount_(configuration, config->cpus);
    VZVirtualMachineConfiguration_setMemorySize_(configuration, config->memory_size);
    return ABX_OK;
}

/* The framework raises at a configuration that it does not find valid. */
static abx_status validate(id configuration)
{
    id error = NULL;
    abx_vz_fault fault;
    if (VZVirtualMachineConfiguration_validateWithError_(configuration, &error))
        return ABX_OK;
    abx_vz_fault_from(&fault, error);
    return abx_vz_fault_report(&fault, "configure a VM of Virtualization.framework");
}

abx_status abx_vz_configuration_new(id *out, id *identifier, const abx_vm_config *config, abx_vz_drain *drain)
{
    id fresh = VZVirtualMachineConfiguration_init();
    if (!fresh)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a configuration");
    abx_status status = add_machine(fresh, identifier, config);
    if (status == ABX_OK)
        status = add_devices(fresh, config, drain);
    if (status == ABX_OK)
        status = validate(fresh);
    if (status == ABX_OK)
        *out = fresh;
    return status;
}
