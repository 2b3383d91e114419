/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_config.h"

#include "gicv3/gicv3.h"
#include "machine_virtio.h"

#include <string.h>

const abx_device_config *abx_machine_find_device(const abx_machine_config *config, abx_device_kind kind)
{
    for (size_t i = 0; i < config->device_count; i++) {
        if (config->devices[i].kind == kind)
            return &config->devices[i];
    }
    return NULL;
}

static bool is_flat(const abx_machine_config *config)
{
    return config->kernel_options.kind == ABX_IMAGE_FLAT;
}

/* A flat image brings no driver for interrupt controllers, and on x86_64 its last halt shall come out. On ARM64 it does
 * not come out anyway. */
static bool is_without_drivers(const abx_machine_config *config, abx_arch arch)
{
    return is_flat(config) && arch == ABX_ARCH_X86_64;
}

bool abx_machine_brings_gic(const abx_machine_config *config, const abx_hypervisor *hypervisor, abx_arch arch)
{
    return arch == ABX_ARCH_ARM64 && config->vm.irqchip == ABX_IRQCHIP_DEFAULT &&
           !abx_hypervisor_has(hypervisor, ABX_CAP_IRQCHIP) && abx_hypervisor_has(hypervisor, ABX_CAP_IRQ_INPUTS);
}

static void check_boot(const abx_machine_config *config, abx_machine_faults *faults)
{
    if (!config->efi_variables && (!config->kernel || !*config->kernel))
        abx_machine_faults_add(faults, "kernel: there is none");
    if (config->module_count && !config->modules)
        abx_machine_faults_add(faults, "modules: NULL, but module_count is %zu", config->module_count);
    for (size_t i = 0; config->modules && i < config->module_count; i++) {
        if (!config->modules[i] || !*config->modules[i])
            abx_machine_faults_add(faults, "modules[%zu]: there is none", i);
    }
    if ((unsigned)config->acpi > ABX_NO)
        abx_machine_faults_add(faults, "acpi: must be DEFAULT, YES or NO");
    if ((unsigned)config->irqfd > ABX_NO)
        abx_machine_faults_add(faults, "irqfd: must be DEFAULT, YES or NO");
    if ((unsigned)config->loop > ABX_LOOP_CALLER)
        abx_machine_faults_add(faults, "loop: must be THREAD or CALLER");
}

/* What the machine does by itself on manual backends, and what it does not do. */
static void check_manual(const abx_machine_config *config, const abx_hypervisor *hypervisor, abx_arch arch,
                         abx_machine_faults *faults)
{
    const abx_vm_config *vm = &config->vm;
    bool own = abx_machine_brings_gic(config, hypervisor, arch);
    bool kernel = abx_hypervisor_has(hypervisor, ABX_CAP_IRQCHIP) && !is_without_drivers(config, arch);
    bool none = vm->irqchip == ABX_IRQCHIP_NONE || (vm->irqchip == ABX_IRQCHIP_DEFAULT && !own && !kernel);
    if (own && vm->cpus > ABX_GICV3_CPUS)
        abx_machine_faults_add(faults, "vm.cpus: the machine's interrupt controller has room for %d", ABX_GICV3_CPUS);
    if (vm->irqchip == ABX_IRQCHIP_SPLIT)
        abx_machine_faults_add(faults, "vm.irqchip: a machine has its interrupt controllers in the kernel, or none");
    if (none && vm->cpus > 1)
        abx_machine_faults_add(faults, "vm.cpus: more than one needs interrupt controllers: vm.irqchip KERNEL");
    if (none && config->acpi == ABX_YES)
        abx_machine_faults_add(faults, "acpi: needs interrupt controllers: vm.irqchip KERNEL");
    if (none && config->devices && abx_machine_count_virtio(config) > 0)
        abx_machine_faults_add(faults, "devices: virtio devices need interrupt controllers: vm.irqchip KERNEL");
    if (arch == ABX_ARCH_X86_64 && (none || config->acpi == ABX_NO) && config->devices &&
        abx_machine_find_device(config, ABX_DEVICE_POWER_BUTTON))
        abx_machine_faults_add(faults, "devices: on x86_64 a power button needs ACPI, and that interrupt controllers");
    if (vm->no_memory)
        abx_machine_faults_add(faults, "vm.no_memory: a machine needs memory");
    if (config->efi_variables)
        abx_machine_faults_add(faults, "efi_variables: machines on manual backends do not boot by EFI");
    if (config->irqfd == ABX_YES && (none || own || !abx_hypervisor_has(hypervisor, ABX_CAP_IRQFD)))
        abx_machine_faults_add(faults, "irqfd: needs interrupt controllers in the kernel, and a backend that has it");
    if (arch == ABX_ARCH_ARM64 && config->acpi == ABX_YES)
        abx_machine_faults_add(faults, "acpi: is for x86_64 guests; arm64 ones have a device tree");
}

/* What a managed backend's configuration has no word for. */
static void check_managed(const abx_machine_config *config, abx_machine_faults *faults)
{
    if (is_flat(config))
        abx_machine_faults_add(faults, "kernel_options.kind: a managed backend does not load flat images");
    if (config->module_count)
        abx_machine_faults_add(faults, "modules: a managed backend does not load them");
    if (config->irqfd == ABX_YES)
        abx_machine_faults_add(faults, "irqfd: a managed backend decides on it by itself");
    if (config->acpi == ABX_NO)
        abx_machine_faults_add(faults, "acpi: a managed backend decides on it by itself");
}

/* What the machine's configuration says instead. */
static void check_replaced(const abx_vm_config *vm, abx_machine_faults *faults)
{
    if (vm->boot.kernel || vm->boot.initrd || vm->boot.cmdline || vm->boot.efi_variables)
        abx_machine_faults_add(faults, "vm.boot: the machine's own kernel, initrd and cmdline take its place");
    if (vm->devices || vm->device_count)
        abx_machine_faults_add(faults, "vm.devices: the machine's own devices take its place");
}

/* Boot and devices of a managed backend are part of its VM. */
static void fill_managed(const abx_machine_config *config, abx_vm_config *vm)
{
    vm->boot = (abx_boot_config){ config->kernel, config->initrd, config->cmdline, config->efi_variables };
    vm->devices = config->devices;
    vm->device_count = config->device_count;
}

/* The machine has a list of devices of its own. */
static const char *place_of(const abx_config_fault *fault)
{
    return strncmp(fault->field, "devices", strlen("devices")) == 0 ? "" : "vm.";
}

/* Apart from the usual way, whose stack need not hold the list. */
__attribute__((cold, noinline)) static void add_vm_faults(const abx_vm_config *vm, const abx_hypervisor *hypervisor,
                                                          abx_machine_faults *faults)
{
    abx_config_fault list[16];
    const size_t capacity = sizeof(list) / sizeof(list[0]);
    size_t count = 0;
    if (abx_vm_config_validate(vm, hypervisor, list, capacity, &count) == ABX_OK)
        return;
    for (size_t i = 0; i < count && i < capacity; i++)
        abx_machine_faults_add(faults, "%s%s: %s", place_of(&list[i]), list[i].field, list[i].message);
}

/* Devices of manual backends are the machine's: what holds everywhere, then what holds for those. */
static void check_devices(const abx_machine_config *config, abx_arch arch, abx_machine_faults *faults)
{
    abx_vm_config list = ABX_VM_CONFIG_INIT;
    list.devices = config->devices;
    list.device_count = config->device_count;
    if (abx_vm_config_validate(&list, NULL, NULL, 0, NULL) != ABX_OK)
        add_vm_faults(&list, NULL, faults);
    if (config->devices)
        abx_machine_check_devices(config, arch, faults);
}

/* With ACPI the local APICs' timers are enough; a kernel without it starts by the PIT. */
static bool wants_pit(const abx_machine_config *config, const abx_hypervisor *hypervisor, abx_arch arch)
{
    abx_irqchip irqchip = config->vm.irqchip;
    return arch == ABX_ARCH_X86_64 && config->acpi == ABX_NO && !is_flat(config) && config->vm.pit == ABX_DEFAULT &&
           (irqchip == ABX_IRQCHIP_KERNEL || irqchip == ABX_IRQCHIP_DEFAULT) &&
           abx_hypervisor_has(hypervisor, ABX_CAP_IRQCHIP) && abx_hypervisor_has(hypervisor, ABX_CAP_PIT);
}

abx_status abx_machine_resolve(const abx_machine_config *config, const abx_hypervisor *hypervisor,
                               abx_vm_config *vm_config)
{
    if (config->size != sizeof(*config) || config->vm.size != sizeof(config->vm) ||
        config->kernel_options.size != sizeof(config->kernel_options))
        return abx_fail(ABX_ERR_INVALID, 0, "Start from ABX_MACHINE_CONFIG_INIT, compiled with this library's header.",
                        "check the machine's configuration");

    abx_machine_faults faults = { 0 };
    abx_vm_config vm = config->vm;
    if (vm.arch == ABX_ARCH_HOST)
        vm.arch = abx_hypervisor_guest_arch(hypervisor);
    bool managed = !abx_hypervisor_has(hypervisor, ABX_CAP_MANUAL);
    check_boot(config, &faults);
    check_replaced(&config->vm, &faults);
    vm.boot = (abx_boot_config){ 0 };
    vm.devices = NULL;
    vm.device_count = 0;
    if (managed) {
        check_managed(config, &faults);
        fill_managed(config, &vm);
    } else {
        check_devices(config, vm.arch, &faults);
        check_manual(config, hypervisor, vm.arch, &faults);
        if (vm.irqchip == ABX_IRQCHIP_DEFAULT && is_without_drivers(config, vm.arch))
            vm.irqchip = ABX_IRQCHIP_NONE;
        if (wants_pit(config, hypervisor, vm.arch))
            vm.pit = ABX_YES;
        /* Such a guest touches a few pages: one huge page would be most of the process. */
        if (vm.huge_pages == ABX_HUGE_NONE && is_flat(config))
            vm.huge_pages = ABX_HUGE_NEVER;
    }
    if (abx_vm_config_validate(&vm, hypervisor, NULL, 0, NULL) != ABX_OK)
        add_vm_faults(&vm, hypervisor, &faults);
    abx_status status = abx_machine_faults_status(&faults);
    if (status == ABX_OK)
        *vm_config = vm;
    return status;
}
