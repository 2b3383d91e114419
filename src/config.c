/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "config_internal.h"
#include "device_list.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_EVENTS 256u

/* Adds to the report's one line; what does not fit is left out whole, and the count says that there is more. */
static void add_text(abx_config_report *report, const char *field, const char *message)
{
    size_t room = sizeof(report->text) - report->length;
    int wrote = snprintf(report->text + report->length, room, "%s%s: %s", report->length ? "; " : "", field, message);
    if (wrote > 0 && (size_t)wrote < room)
        report->length += (size_t)wrote;
    else
        report->text[report->length] = '\0';
}

void abx_config_add_fault(abx_config_report *report, const char *field, const char *message, ...)
{
    abx_config_fault fault = { .field = "" };
    snprintf(fault.field, sizeof(fault.field), "%s", field);
    va_list arguments;
    va_start(arguments, message);
    if (vsnprintf(fault.message, sizeof(fault.message), message, arguments) < 0)
        fault.message[0] = '\0';
    va_end(arguments);

    if (report->count < report->capacity)
        report->faults[report->count] = fault;
    report->count++;
    add_text(report, field, fault.message);
}

abx_status abx_vm_config_validate(const abx_vm_config *config, const abx_hypervisor *hypervisor,
                                  abx_config_fault *faults, size_t capacity, size_t *count)
{
    static const char operation[] = "check the configuration";
    if (!config || (capacity && !faults))
        return abx_fail(ABX_ERR_INVALID, 0, "Neither the configuration nor the list of faults may be NULL.", "%s",
                        operation);
    if (config->size != sizeof(*config))
        return abx_fail(ABX_ERR_INVALID, 0, "Start from ABX_VM_CONFIG_INIT, compiled with this library's header.", "%s",
                        operation);

    abx_config_report report = { .faults = faults, .capacity = capacity };
    abx_config_check(config, hypervisor, &report);
    if (count)
        *count = report.count;
    if (report.count == 0)
        return ABX_OK;
    return abx_fail(ABX_ERR_CONFIG, 0, report.text, "%s (%zu fault%s)", operation, report.count,
                    report.count == 1 ? "" : "s");
}

/* All strings in one block, which config.name points to: every configuration has a name. */
static bool copy_strings(abx_vm_config *config)
{
    const char **fields[] = { &config->name, &config->boot.kernel, &config->boot.initrd, &config->boot.cmdline,
                              &config->boot.efi_variables };
    const size_t n = sizeof(fields) / sizeof(fields[0]);
    size_t lengths[sizeof(fields) / sizeof(fields[0])];
    size_t total = 0;
    for (size_t i = 0; i < n; i++) {
        lengths[i] = *fields[i] ? strlen(*fields[i]) + 1 : 0;
        total += lengths[i];
    }
    char *block = malloc(total);
    if (!block)
        return false;
    for (size_t i = 0; i < n; block += lengths[i], i++) {
        if (*fields[i])
            *fields[i] = memcpy(block, *fields[i], lengths[i]);
    }
    return true;
}

/* NULL for nothing, and for want of memory. */
static void *copy_bytes(const void *bytes, size_t size)
{
    void *copy = size ? malloc(size) : NULL;
    return copy ? memcpy(copy, bytes, size) : NULL;
}

static uint64_t default_memory(abx_huge_pages huge_pages)
{
    uint64_t size = abx_default_memory_size();
    uint64_t page = huge_pages == ABX_HUGE_1G ? UINT64_C(1) << 30 : UINT64_C(2) << 20;
    return size > page ? size / page * page : page;
}

static abx_choice settled(abx_choice choice)
{
    return choice == ABX_YES ? ABX_YES : ABX_NO;
}

static void fill_defaults(abx_vm_config *config, const abx_hypervisor *hypervisor)
{
    const abx_capabilities *caps = abx_hypervisor_capabilities(hypervisor);

    if (!config->name)
        config->name = "vm";
    if (config->arch == ABX_ARCH_HOST)
        config->arch = abx_hypervisor_guest_arch(hypervisor);
    if (!config->cpus)
        config->cpus = 1;
    if (!config->memory_size && !config->no_memory)
        config->memory_size = default_memory(config->huge_pages);
    if (config->irqchip == ABX_IRQCHIP_DEFAULT && abx_capabilities_has(caps, ABX_CAP_MANUAL))
        config->irqchip = abx_capabilities_has(caps, ABX_CAP_IRQCHIP) ? ABX_IRQCHIP_KERNEL : ABX_IRQCHIP_NONE;
    if (!config->tsc_khz && config->arch == ABX_ARCH_X86_64)
        config->tsc_khz = caps->tsc_khz;
    if (!config->event_capacity)
        config->event_capacity = DEFAULT_EVENTS;
    config->pit = settled(config->pit);
    config->nested = settled(config->nested);
    config->pmu = settled(config->pmu);
    config->sve = settled(config->sve);
    config->pointer_auth = settled(config->pointer_auth);
    config->dirty_log = settled(config->dirty_log);
}

abx_status abx_config_copy(abx_vm_config *copy, const abx_vm_config *config, const abx_hypervisor *hypervisor)
{
    abx_vm_config fresh = *config;
    fill_defaults(&fresh, hypervisor);
    bool complete = copy_strings(&fresh);
    if (!complete)
        fresh.name = NULL;
    if (fresh.device_count)
        fresh.devices = abx_devices_copy(fresh.devices, fresh.device_count);
    else
        fresh.devices = NULL;
    fresh.machine_id = copy_bytes(fresh.machine_id, fresh.machine_id_size);
    complete = complete && (fresh.devices || !fresh.device_count) && (fresh.machine_id || !fresh.machine_id_size);
    if (!complete) {
        abx_config_free(&fresh);
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "copy the configuration");
    }
    *copy = fresh;
    return ABX_OK;
}

void abx_config_free(abx_vm_config *copy)
{
    free((void *)copy->machine_id);
    free((void *)copy->devices);
    free((void *)copy->name);
}
