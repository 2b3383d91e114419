/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "validate.h"
#include "device_arguments.h"

#include <stdio.h>
#include <string.h>

/* AUTO stands on what the guest tells of its memory, which QEMU gives only to those who ask again and again. */
static void check_balloon(const abx_vm_config *config, size_t index, abx_config_report *report)
{
    const abx_balloon_config *balloon = &config->devices[index].balloon;
    uint64_t memory = config->memory_size ? config->memory_size : abx_default_memory_size();
    char field[48];
    snprintf(field, sizeof(field), "devices[%zu].balloon.policy", index);
    if (balloon->policy == ABX_BALLOON_AUTO)
        abx_config_add_fault(report, field, "the balloon of backend qemu has no policy AUTO: MANUAL");
    snprintf(field, sizeof(field), "devices[%zu].balloon.target", index);
    if (balloon->target > memory)
        abx_config_add_fault(report, field, "more than memory_size");
    snprintf(field, sizeof(field), "devices[%zu].balloon.minimum", index);
    if (balloon->minimum > memory)
        abx_config_add_fault(report, field, "more than memory_size");
}

static void check_network(const abx_net_config *net, size_t index, abx_config_report *report)
{
    char field[40];
    snprintf(field, sizeof(field), "devices[%zu].net.kind", index);
    if (net->kind == ABX_NET_BRIDGED)
        abx_config_add_fault(report, field, "backend qemu has networks of kind NAT and DATAGRAM");
}

/* There may be other faults than ours. */
static size_t count_ports(const abx_device_config *device)
{
    bool listed = device->kind == ABX_DEVICE_CONSOLE && device->console.ports;
    return listed && device->console.port_count <= ABX_CONSOLE_MORE_PORTS ? device->console.port_count : 0;
}

static bool has_port(const abx_device_config *device, const char *name)
{
    for (size_t i = 0; i < count_ports(device); i++) {
        const char *other = device->console.ports[i].name;
        if (other && strcmp(other, name) == 0)
            return true;
    }
    return false;
}

/* QEMU has all ports in one device, where a name is there once. */
static void check_names(const abx_vm_config *config, size_t index, abx_config_report *report)
{
    const abx_device_config *device = &config->devices[index];
    char field[64];
    for (size_t i = 0; i < count_ports(device); i++) {
        const char *name = device->console.ports[i].name;
        snprintf(field, sizeof(field), "devices[%zu].console.ports[%zu].name", index, i);
        for (size_t other = 0; name && other < index; other++) {
            if (has_port(&config->devices[other], name))
                abx_config_add_fault(report, field, "devices[%zu] has the same", other);
        }
    }
}

static void check_devices(const abx_vm_config *config, abx_config_report *report)
{
    size_t virtio = 0, ports = 0;
    for (size_t i = 0; config->devices && i < config->device_count; i++) {
        const abx_device_config *device = &config->devices[i];
        if (device->kind == ABX_DEVICE_CONSOLE)
            ports += abx_parts_of(device);
        else if (device->kind >= ABX_DEVICE_BLOCK)
            virtio++;
        if (device->kind == ABX_DEVICE_NET)
            check_network(&device->net, i, report);
        if (device->kind == ABX_DEVICE_BALLOON)
            check_balloon(config, i, report);
        check_names(config, i, report);
    }
    if (ports > ABX_QEMU_CONSOLES_MAX)
        abx_config_add_fault(report, "devices", "more than %d ports of virtio consoles", ABX_QEMU_CONSOLES_MAX);
    if (virtio > ABX_QEMU_VIRTIO_MAX)
        abx_config_add_fault(report, "devices", "more than %d virtio devices", ABX_QEMU_VIRTIO_MAX);
}

void abx_qemu_validate(const void *hypervisor, const abx_vm_config *config, abx_config_report *report)
{
    (void)hypervisor;
    if (config->memory_backing == ABX_BACKING_MEMFD)
        abx_config_add_fault(report, "memory_backing", "backend qemu maps the memory by itself: leave it ANONYMOUS");
    if (config->huge_pages == ABX_HUGE_2M || config->huge_pages == ABX_HUGE_1G)
        abx_config_add_fault(report, "huge_pages", "backend qemu maps the memory by itself: NONE or TRANSPARENT");
    check_devices(config, report);
}
