/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "parts.h"

#include <stdlib.h>

size_t abx_parts_of(const abx_device_config *device)
{
    if (device->kind != ABX_DEVICE_CONSOLE)
        return 1;
    return (device->console.ports_only ? 0 : 1) + device->console.port_count;
}

static void add(abx_parts *parts, abx_part part)
{
    parts->list[parts->count++] = part;
}

static void add_console(abx_parts *parts, const abx_device_config *device)
{
    const abx_console_config *console = &device->console;
    if (!console->ports_only)
        add(parts, (abx_part){ .device = device, .ends = &console->serial });
    for (size_t i = 0; i < console->port_count; i++)
        add(parts, (abx_part){ device, &console->ports[i].ends, console->ports[i].name, (uint32_t)i + 1 });
}

bool abx_parts_list(abx_parts *parts, const abx_vm_config *config)
{
    size_t count = 0;
    for (size_t i = 0; i < config->device_count; i++)
        count += abx_parts_of(&config->devices[i]);
    abx_parts fresh = { .list = calloc(count + 1, sizeof(abx_part)) };
    if (!fresh.list)
        return false;
    for (size_t i = 0; i < config->device_count; i++) {
        const abx_device_config *device = &config->devices[i];
        if (device->kind == ABX_DEVICE_CONSOLE)
            add_console(&fresh, device);
        else
            add(&fresh, (abx_part){ device, device->kind == ABX_DEVICE_SERIAL ? &device->serial : NULL, NULL, 0 });
    }
    *parts = fresh;
    return true;
}

void abx_parts_free(abx_parts *parts)
{
    free(parts->list);
    *parts = (abx_parts){ 0 };
}

const abx_part *abx_parts_find(const abx_parts *parts, abx_device_kind kind)
{
    for (size_t i = 0; i < parts->count; i++) {
        if (parts->list[i].device->kind == kind)
            return &parts->list[i];
    }
    return NULL;
}
