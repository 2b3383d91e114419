/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_internal.h"

#include "acpi/tables.h"
#include "boot/kernel_check.h"
#include "condition.h"
#include "machine_cmdline.h"
#include "machine_config.h"
#include "machine_device_tree.h"
#include "machine_firmware.h"
#include "machine_gic.h"
#include "machine_power.h"

#include <stdlib.h>

static abx_machine *new_machine(void)
{
    abx_machine *machine = calloc(1, sizeof(*machine));
    if (!machine)
        return NULL;
    abx_condition_init(&machine->changed);
    pthread_mutex_init(&machine->lock, NULL);
    pthread_mutex_init(&machine->control, NULL);
    atomic_flag_clear(&machine->line_failed);
    return machine;
}

/* Ends the threads, wherever they are, and gives back whatever was taken so far. */
static void free_machine(abx_machine *machine)
{
    abx_machine_go(machine, ABX_STEP_QUIT);
    abx_machine_join_threads(machine);
    if (machine->loop)
        abx_loop_stop(machine->loop);
    abx_machine_free_devices(machine);
    abx_loop_free(machine->loop);
    abx_gicv3_free(machine->gic);
    abx_machine_free_psci(machine);
    abx_machine_free_threads(machine);
    abx_vm_destroy(machine->vm);
    pthread_mutex_destroy(&machine->control);
    pthread_mutex_destroy(&machine->lock);
    pthread_cond_destroy(&machine->changed);
    free(machine);
}

static bool wants_acpi(const abx_machine *machine, const abx_machine_config *config, abx_image_kind kind)
{
    if (abx_vm_get_config(machine->vm)->arch != ABX_ARCH_X86_64)
        return false;
    if (config->acpi != ABX_DEFAULT)
        return config->acpi == ABX_YES;
    return machine->has_lines && (kind == ABX_IMAGE_LINUX || kind == ABX_IMAGE_PVH);
}

static bool wants_device_tree(const abx_machine *machine, const abx_kernel *kernel)
{
    return abx_vm_get_config(machine->vm)->arch == ABX_ARCH_ARM64 &&
           abx_kernel_get_info(kernel)->kind != ABX_IMAGE_FLAT;
}

/* The threads make their vCPUs while the kernel goes into memory. With `at_once` they go on from there by themselves:
 * nobody waits for them to be told so. */
static abx_status load(abx_machine *machine, const abx_machine_config *config, const abx_kernel *kernel, bool acpi,
                       bool at_once)
{
    abx_boot_params params = ABX_BOOT_PARAMS_INIT;
    void *device_tree = NULL;
    char *cmdline = NULL;
    params.initrd = config->initrd;
    params.modules = config->modules;
    params.module_count = config->module_count;
    params.acpi_rsdp = acpi ? ABX_ACPI_BASE : 0;

    abx_status status = abx_machine_start_threads(machine, abx_vm_get_config(machine->vm)->cpus);
    if (status == ABX_OK && acpi)
        status = abx_machine_write_firmware(machine->vm, config);
    if (status == ABX_OK && wants_device_tree(machine, kernel))
        status = abx_machine_build_device_tree(machine->vm, machine->gic != NULL, config, &device_tree,
                                               &params.device_tree_size);
    if (status == ABX_OK)
        status = abx_machine_build_cmdline(&cmdline, config, abx_vm_get_config(machine->vm)->arch, acpi,
                                           abx_kernel_get_info(kernel)->kind);
    params.cmdline = cmdline ? cmdline : config->cmdline;
    params.device_tree = device_tree;
    if (status == ABX_OK)
        status = abx_boot_load(machine->vm, kernel, &params, &machine->entry);
    free(device_tree);
    free(cmdline);
    if (status == ABX_OK && at_once)
        status = abx_machine_start(machine);
    if (status != ABX_OK)
        return status;
    abx_machine_go(machine, ABX_STEP_LOADED);
    return abx_machine_await_ready(machine);
}

/* What ARM64 backends may leave to the machine. */
static abx_status build_platform(abx_machine *machine, abx_hypervisor *hypervisor, const abx_machine_config *config)
{
    const abx_vm_config *vm = abx_vm_get_config(machine->vm);
    abx_status status = ABX_OK;
    machine->has_lines = vm->irqchip == ABX_IRQCHIP_KERNEL;
    if (vm->arch != ABX_ARCH_ARM64)
        return ABX_OK;
    if (!abx_hypervisor_has(hypervisor, ABX_CAP_PSCI))
        status = abx_machine_build_psci(machine);
    if (status == ABX_OK && abx_machine_brings_gic(config, hypervisor, vm->arch)) {
        machine->has_lines = true;
        status = abx_machine_build_gic(machine);
    }
    return status;
}

static abx_status build_manual(abx_machine *machine, abx_hypervisor *hypervisor, const abx_machine_config *config,
                               const abx_vm_config *vm_config, bool at_once)
{
    abx_kernel_options options = config->kernel_options;
    if (options.arch == ABX_ARCH_HOST)
        options.arch = vm_config->arch;
    abx_kernel *kernel;
    abx_status status = abx_kernel_open(&kernel, config->kernel, &options);
    if (status != ABX_OK)
        return status;
    status = abx_vm_create(&machine->vm, hypervisor, vm_config);
    if (status == ABX_OK)
        status = build_platform(machine, hypervisor, config);
    if (status == ABX_OK) {
        bool acpi = wants_acpi(machine, config, abx_kernel_get_info(kernel)->kind);
        status = abx_machine_build_devices(machine, config, acpi);
        if (status == ABX_OK)
            status = abx_machine_start_loop(machine);
        if (status == ABX_OK)
            status = load(machine, config, kernel, acpi, at_once);
    }
    abx_kernel_close(kernel);
    return status;
}

/* The VM, which knows its architecture now, has not read the kernel yet as far as the guest can tell. */
static abx_status build_managed(abx_machine *machine, abx_hypervisor *hypervisor, const abx_machine_config *config,
                                const abx_vm_config *vm_config, bool at_once)
{
    machine->managed = true;
    abx_status status = abx_vm_create(&machine->vm, hypervisor, vm_config);
    if (status == ABX_OK && vm_config->boot.kernel)
        status = abx_kernel_check(vm_config->boot.kernel, abx_vm_get_config(machine->vm)->arch);
    if (status == ABX_OK)
        status = abx_machine_observe(machine);
    if (status == ABX_OK)
        abx_machine_tell_attached(machine, config);
    return status == ABX_OK && at_once ? abx_machine_start(machine) : status;
}

/* Of a machine that was launched, some vCPUs may run already while another one failed. */
static void abandon(abx_machine *machine)
{
    abx_machine_go(machine, ABX_STEP_QUIT);
    abx_machine_abandon_devices(machine);
    if (machine->vm)
        abx_vm_stop(machine->vm);
    free_machine(machine);
}

static abx_status build(abx_machine **out, abx_hypervisor *hypervisor, const abx_machine_config *config, bool at_once)
{
    abx_vm_config vm_config;
    abx_status status = abx_machine_resolve(config, hypervisor, &vm_config);
    if (status != ABX_OK)
        return status;
    abx_machine *machine = new_machine();
    if (!machine)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "create a machine");
    bool manual = abx_hypervisor_has(hypervisor, ABX_CAP_MANUAL);
    status = abx_machine_build_loop(machine, config, manual);
    if (status == ABX_OK)
        status = manual ? build_manual(machine, hypervisor, config, &vm_config, at_once)
                        : build_managed(machine, hypervisor, config, &vm_config, at_once);
    if (status != ABX_OK) {
        abandon(machine);
        return status;
    }
    *out = machine;
    return ABX_OK;
}

abx_status abx_machine_create(abx_machine **out, abx_hypervisor *hypervisor, const abx_machine_config *config)
{
    if (!out || !hypervisor || !config)
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "create a machine");
    return build(out, hypervisor, config, false);
}

abx_status abx_machine_launch(abx_machine **out, abx_hypervisor *hypervisor, const abx_machine_config *config)
{
    if (!out || !hypervisor || !config)
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "launch a machine");
    return build(out, hypervisor, config, true);
}

abx_status abx_machine_start(abx_machine *machine)
{
    if (!machine)
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "start a machine");
    pthread_mutex_lock(&machine->control);
    abx_status status = abx_vm_start(machine->vm);
    if (status == ABX_OK) {
        abx_machine_resume_devices(machine);
        abx_machine_go(machine, ABX_STEP_RUN);
    }
    pthread_mutex_unlock(&machine->control);
    return status;
}

abx_status abx_machine_pause(abx_machine *machine)
{
    if (!machine)
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "pause a machine");
    pthread_mutex_lock(&machine->control);
    abx_status status = abx_vm_pause(machine->vm);
    if (status == ABX_OK)
        abx_machine_pause_devices(machine);
    pthread_mutex_unlock(&machine->control);
    return status;
}

abx_status abx_machine_resume(abx_machine *machine)
{
    if (!machine)
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "resume a machine");
    pthread_mutex_lock(&machine->control);
    abx_status status = abx_vm_resume(machine->vm);
    if (status == ABX_OK)
        abx_machine_resume_devices(machine);
    pthread_mutex_unlock(&machine->control);
    return status;
}

void abx_machine_destroy(abx_machine *machine)
{
    if (!machine)
        return;
    abx_machine_stop(machine);
    free_machine(machine);
}

abx_vm *abx_machine_get_vm(const abx_machine *machine)
{
    return machine->vm;
}
