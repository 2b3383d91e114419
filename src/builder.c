/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <arcbox/builder.h>

#include "device_list.h"

#include <stdlib.h>
#include <string.h>

struct abx_vm_builder {
    abx_vm_config config; /* what it points to is the builder's */
    bool out_of_memory;   /* in a setter: create reports it */
};

abx_vm_builder *abx_vm_builder_new(void)
{
    static const abx_vm_config defaults = ABX_VM_CONFIG_INIT;
    abx_vm_builder *builder = calloc(1, sizeof(*builder));
    if (!builder) {
        abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a builder");
        return NULL;
    }
    builder->config = defaults;
    return builder;
}

void abx_vm_builder_free(abx_vm_builder *builder)
{
    if (!builder)
        return;
    free((void *)builder->config.name);
    free((void *)builder->config.boot.kernel);
    free((void *)builder->config.boot.initrd);
    free((void *)builder->config.boot.cmdline);
    free((void *)builder->config.boot.efi_variables);
    free((void *)builder->config.devices);
    free((void *)builder->config.machine_id);
    free(builder);
}

/* Copies first: the new text may be the old one. */
static void set_text(abx_vm_builder *builder, const char **field, const char *text)
{
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy)
        builder->out_of_memory = true;
    free((void *)*field);
    *field = copy;
}

void abx_vm_builder_name(abx_vm_builder *builder, const char *name)
{
    set_text(builder, &builder->config.name, name);
}

void abx_vm_builder_arch(abx_vm_builder *builder, abx_arch arch)
{
    builder->config.arch = arch;
}

void abx_vm_builder_cpus(abx_vm_builder *builder, uint32_t cpus)
{
    builder->config.cpus = cpus;
}

void abx_vm_builder_memory(abx_vm_builder *builder, uint64_t bytes)
{
    builder->config.memory_size = bytes;
}

void abx_vm_builder_no_memory(abx_vm_builder *builder)
{
    builder->config.no_memory = true;
}

void abx_vm_builder_memory_backing(abx_vm_builder *builder, abx_backing backing, abx_huge_pages huge_pages)
{
    builder->config.memory_backing = backing;
    builder->config.huge_pages = huge_pages;
}

void abx_vm_builder_irqchip(abx_vm_builder *builder, abx_irqchip irqchip)
{
    builder->config.irqchip = irqchip;
}

void abx_vm_builder_pit(abx_vm_builder *builder, abx_choice pit)
{
    builder->config.pit = pit;
}

void abx_vm_builder_nested(abx_vm_builder *builder, abx_choice nested)
{
    builder->config.nested = nested;
}

void abx_vm_builder_pmu(abx_vm_builder *builder, abx_choice pmu)
{
    builder->config.pmu = pmu;
}

void abx_vm_builder_sve(abx_vm_builder *builder, abx_choice sve)
{
    builder->config.sve = sve;
}

void abx_vm_builder_pointer_auth(abx_vm_builder *builder, abx_choice pointer_auth)
{
    builder->config.pointer_auth = pointer_auth;
}

void abx_vm_builder_dirty_log(abx_vm_builder *builder, abx_choice dirty_log)
{
    builder->config.dirty_log = dirty_log;
}

void abx_vm_builder_msr_exits(abx_vm_builder *builder, bool on)
{
    builder->config.msr_exits = on;
}

void abx_vm_builder_hypercall_exits(abx_vm_builder *builder, bool on)
{
    builder->config.hypercall_exits = on;
}

void abx_vm_builder_tsc_khz(abx_vm_builder *builder, uint32_t khz)
{
    builder->config.tsc_khz = khz;
}

void abx_vm_builder_event_capacity(abx_vm_builder *builder, uint32_t events)
{
    builder->config.event_capacity = events;
}

void abx_vm_builder_boot(abx_vm_builder *builder, const char *kernel, const char *initrd, const char *cmdline)
{
    set_text(builder, &builder->config.boot.kernel, kernel);
    set_text(builder, &builder->config.boot.initrd, initrd);
    set_text(builder, &builder->config.boot.cmdline, cmdline);
}

void abx_vm_builder_efi_variables(abx_vm_builder *builder, const char *path)
{
    set_text(builder, &builder->config.boot.efi_variables, path);
}

void abx_vm_builder_machine_id(abx_vm_builder *builder, const void *machine_id, size_t size)
{
    void *copy = machine_id && size ? malloc(size) : NULL;
    if (copy)
        memcpy(copy, machine_id, size);
    else if (machine_id && size)
        builder->out_of_memory = true;
    free((void *)builder->config.machine_id);
    builder->config.machine_id = copy;
    builder->config.machine_id_size = copy ? size : 0;
}

/* The devices so far and one more, side by side; NULL for want of memory. */
static abx_device_config *lengthened(const abx_vm_config *config, const abx_device_config *device)
{
    size_t count = config->device_count;
    abx_device_config *list = malloc((count + 1) * sizeof(*list));
    if (!list)
        return NULL;
    if (count)
        memcpy(list, config->devices, count * sizeof(*list));
    list[count] = *device;
    abx_device_config *copy = abx_devices_copy(list, count + 1);
    free(list);
    return copy;
}

void abx_vm_builder_device(abx_vm_builder *builder, const abx_device_config *device)
{
    abx_device_config *list = lengthened(&builder->config, device);
    if (!list) {
        builder->out_of_memory = true;
        return;
    }
    free((void *)builder->config.devices);
    builder->config.devices = list;
    builder->config.device_count++;
}

const abx_vm_config *abx_vm_builder_config(const abx_vm_builder *builder)
{
    return &builder->config;
}

abx_status abx_vm_builder_create(const abx_vm_builder *builder, abx_vm **out, abx_hypervisor *hypervisor)
{
    if (!builder)
        return abx_fail(ABX_ERR_INVALID, 0, "The builder must not be NULL.", "create a VM");
    if (builder->out_of_memory)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "copy the configuration");
    return abx_vm_create(out, hypervisor, &builder->config);
}
