/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_internal.h"

#include "devices/acpi_pm.h"
#include "devices/debug_exit.h"
#include "devices/fw_cfg.h"
#include "devices/i8042.h"
#include "devices/pvpanic.h"
#include "devices/rtc.h"
#include "devices/serial.h"

#include <arcbox/interrupt.h>
#include <arcbox/memory.h>

#include <stdio.h>

static void tell(void *object, abx_event_kind kind, uint64_t code, const char *text)
{
    abx_machine *machine = object;
    abx_event event = { .kind = kind, .vcpu = UINT32_MAX, .code = code };
    snprintf(event.text, sizeof(event.text), "%s", text);
    abx_event_post(machine->vm, &event);
}

static bool is_alive(const abx_vm *vm)
{
    abx_vm_state state = abx_vm_get_state(vm);
    return state != ABX_VM_STOPPED && state != ABX_VM_FAILED;
}

/* A line that does not work is told of once: the guest decides how often it is tried. */
static void set_line(void *object, uint32_t line, bool level)
{
    abx_machine *machine = object;
    abx_status status = abx_irq_set_line(machine->vm, line, level);
    if (status != ABX_OK && is_alive(machine->vm) && !atomic_flag_test_and_set(&machine->line_failed))
        tell(machine, ABX_EVENT_DEVICE_FAILED, (uint64_t)-status, abx_last_error()->message);
}

static void finish(void *object, abx_machine_end end, uint64_t code, const char *text)
{
    abx_machine_finish(object, end, UINT32_MAX, code, text);
}

/* RAM below and from 4 GiB. */
static abx_status measure_memory(abx_vm *vm, uint64_t *low, uint64_t *high)
{
    abx_memory_info regions[8];
    size_t count = 0;
    abx_status status = abx_memory_list(vm, regions, sizeof(regions) / sizeof(regions[0]), &count);
    if (status != ABX_OK)
        return status;
    *low = *high = 0;
    for (size_t i = 0; i < count && i < sizeof(regions) / sizeof(regions[0]); i++)
        *(regions[i].gpa >> 32 ? high : low) += regions[i].length;
    return ABX_OK;
}

static abx_status build_rtc(abx_device *out, const abx_device_host *host)
{
    uint64_t low, high;
    abx_status status = measure_memory(host->vm, &low, &high);
    return status == ABX_OK ? abx_rtc_new(out, host, low, high) : status;
}

static abx_status build(abx_device *out, const abx_device_host *host, const abx_device_config *config)
{
    switch (config->kind) {
    case ABX_DEVICE_SERIAL:
        return abx_serial_new(out, host, config->serial.input_fd, config->serial.output_fd);
    case ABX_DEVICE_I8042:
        return abx_i8042_new(out, host);
    case ABX_DEVICE_RTC:
        return build_rtc(out, host);
    case ABX_DEVICE_DEBUG_EXIT:
        return abx_debug_exit_new(out, host, config->debug_exit.port);
    case ABX_DEVICE_FW_CFG:
        return abx_fw_cfg_new(out, host, abx_vm_get_config(host->vm), config->fw_cfg.files, config->fw_cfg.count);
    case ABX_DEVICE_PVPANIC:
        return abx_pvpanic_new(out, host);
    default:
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "make a device of kind %d", (int)config->kind);
    }
}

abx_status abx_machine_build_devices(abx_machine *machine, const abx_machine_config *config, bool acpi)
{
    const abx_device_host host = {
        .ports = &machine->ports,
        .vm = machine->vm,
        .machine = machine,
        .set_line = machine->has_lines ? set_line : NULL,
        .tell = tell,
        .finish = finish,
    };
    abx_status status = ABX_OK;
    for (size_t i = 0; i < config->device_count && status == ABX_OK; i++) {
        status = build(&machine->devices[machine->device_count], &host, &config->devices[i]);
        machine->device_count += status == ABX_OK;
    }
    if (status == ABX_OK && acpi) {
        status = abx_acpi_pm_new(&machine->devices[machine->device_count], &host);
        machine->device_count += status == ABX_OK;
    }
    return status;
}

void abx_machine_resume_devices(abx_machine *machine)
{
    for (size_t i = 0; i < machine->device_count; i++) {
        const abx_device *device = &machine->devices[i];
        if (device->ops->resume)
            device->ops->resume(device->object);
    }
}

void abx_machine_pause_devices(abx_machine *machine)
{
    for (size_t i = 0; i < machine->device_count; i++) {
        const abx_device *device = &machine->devices[i];
        if (device->ops->pause)
            device->ops->pause(device->object);
    }
}

void abx_machine_drain_devices(abx_machine *machine)
{
    for (size_t i = 0; i < machine->device_count; i++) {
        const abx_device *device = &machine->devices[i];
        if (device->ops->drain)
            device->ops->drain(device->object);
    }
}

void abx_machine_abandon_devices(abx_machine *machine)
{
    for (size_t i = 0; i < machine->device_count; i++) {
        const abx_device *device = &machine->devices[i];
        if (device->ops->abandon)
            device->ops->abandon(device->object);
    }
}

void abx_machine_free_devices(abx_machine *machine)
{
    while (machine->device_count > 0) {
        const abx_device *device = &machine->devices[--machine->device_count];
        device->ops->free(device->object);
    }
    abx_bus_clear(&machine->ports);
    abx_bus_clear(&machine->mmio);
}
