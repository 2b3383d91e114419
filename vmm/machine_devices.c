/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_internal.h"

#include "devices/acpi_pm.h"
#include "devices/ged.h"
#include "devices/pl061.h"
#include "machine_devices.h"
#include "machine_virtio.h"

#include <arcbox/interrupt.h>

#include <stdio.h>
#include <string.h>

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
    if (machine->gic) {
        abx_gicv3_set_spi(machine->gic, line, level);
        return;
    }
    abx_status status = abx_irq_set_line(machine->vm, line, level);
    if (status != ABX_OK && is_alive(machine->vm) && !atomic_flag_test_and_set(&machine->line_failed))
        tell(machine, ABX_EVENT_DEVICE_FAILED, (uint64_t)-status, abx_last_error()->message);
}

static void finish(void *object, abx_machine_end end, uint64_t code, const char *text)
{
    abx_machine_finish(object, end, UINT32_MAX, code, text);
}

static abx_status build(abx_machine *machine, const abx_device_host *host, const abx_device_config *config, bool acpi)
{
    abx_device *device = &machine->devices[machine->device_count];
    abx_arch arch = abx_vm_get_config(machine->vm)->arch;
    abx_status status;
    if (abx_machine_has_virtio(config->kind))
        status = abx_machine_build_virtio(device, host, abx_machine_place_virtio(arch, acpi, machine->virtio_count++),
                                          config);
    else if (arch == ABX_ARCH_ARM64)
        status = abx_machine_build_device_arm64(device, host, config);
    else
        status = abx_machine_build_device_x86_64(device, host, config);
    if (status != ABX_OK)
        return status;
    device->kind = config->kind;
    machine->device_count++;
    /* On x86_64 the guest learns of it by ACPI alone. */
    if (config->kind == ABX_DEVICE_POWER_BUTTON && (acpi || arch == ABX_ARCH_ARM64))
        machine->power_button = device;
    if (config->kind == ABX_DEVICE_BALLOON)
        machine->balloon = device;
    return ABX_OK;
}

/* Without a printf: a machine's start is short. */
void abx_machine_tell_attached(abx_machine *machine, const abx_machine_config *config)
{
    for (size_t i = 0; i < config->device_count; i++) {
        const char *name = abx_device_kind_name(config->devices[i].kind);
        abx_event event = { .kind = ABX_EVENT_DEVICE_ATTACHED, .vcpu = UINT32_MAX, .code = i };
        memcpy(event.text, name, strnlen(name, sizeof(event.text) - 1));
        abx_event_post(machine->vm, &event);
    }
}

abx_status abx_machine_build_devices(abx_machine *machine, const abx_machine_config *config, bool acpi)
{
    const abx_device_host host = {
        .ports = &machine->ports,
        .mmio = &machine->mmio,
        .vm = machine->vm,
        .loop = machine->loop,
        .irqfd = abx_machine_has_irqfd(machine->vm, config),
        .machine = machine,
        .set_line = machine->has_lines ? set_line : NULL,
        .tell = tell,
        .finish = finish,
    };
    abx_status status = abx_machine_check_virtio(config, abx_vm_get_config(machine->vm)->arch, acpi);
    for (size_t i = 0; i < config->device_count && status == ABX_OK; i++)
        status = build(machine, &host, &config->devices[i], acpi);
    if (status == ABX_OK && acpi) {
        status = abx_acpi_pm_new(&machine->devices[machine->device_count], &host);
        machine->device_count += status == ABX_OK;
    }
    if (status == ABX_OK)
        abx_machine_tell_attached(machine, config);
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

size_t abx_machine_count_devices(const abx_machine *machine)
{
    if (machine->managed)
        return abx_vm_get_config(machine->vm)->device_count;
    size_t count = 0;
    while (count < machine->device_count && machine->devices[count].kind != ABX_DEVICE_NONE)
        count++;
    return count;
}

const char *abx_machine_device_name(const abx_machine *machine, size_t index)
{
    return abx_device_kind_name(machine->managed ? abx_vm_get_config(machine->vm)->devices[index].kind
                                                 : machine->devices[index].kind);
}

abx_status abx_machine_press_power_button(abx_machine *machine)
{
    if (!machine)
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "press a machine's power button");
    if (machine->managed)
        return abx_vm_request_stop(machine->vm);
    if (!machine->power_button)
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "Give it one: ABX_DEVICE_POWER_BUTTON, on x86_64 with ACPI.",
                        "press the power button of a machine that has none");
    if (abx_vm_get_config(machine->vm)->arch == ABX_ARCH_ARM64)
        abx_pl061_press(machine->power_button);
    else
        abx_ged_press(machine->power_button);
    return ABX_OK;
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
