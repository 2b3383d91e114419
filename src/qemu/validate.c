/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "validate.h"
#include "device_arguments.h"

#include <stdio.h>

static void check_network(const abx_net_config *net, size_t index, abx_config_report *report)
{
    char field[40];
    snprintf(field, sizeof(field), "devices[%zu].net.kind", index);
    if (net->kind == ABX_NET_BRIDGED)
        abx_config_add_fault(report, field, "backend qemu has networks of kind NAT and DATAGRAM");
}

static void check_devices(const abx_vm_config *config, abx_config_report *report)
{
    size_t virtio = 0, consoles = 0;
    for (size_t i = 0; config->devices && i < config->device_count; i++) {
        virtio += config->devices[i].kind >= ABX_DEVICE_BLOCK;
        consoles += config->devices[i].kind == ABX_DEVICE_CONSOLE;
        if (config->devices[i].kind == ABX_DEVICE_NET)
            check_network(&config->devices[i].net, i, report);
    }
    if (consoles > ABX_QEMU_CONSOLES_MAX)
        abx_config_add_fault(report, "devices", "more than %d virtio consoles", ABX_QEMU_CONSOLES_MAX);
    if (virtio - consoles > ABX_QEMU_VIRTIO_MAX)
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
