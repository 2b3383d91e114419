/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "run_options.h"
#include "machine_name.h"
#include "report.h"
#include "run_devices_internal.h"
#include "values.h"

#include <stdlib.h>
#include <string.h>

static bool take_kernel(void *into, const char *value)
{
    ((run_request *)into)->machine.kernel = value;
    return true;
}

static bool take_initrd(void *into, const char *value)
{
    ((run_request *)into)->machine.initrd = value;
    return true;
}

static bool take_cmdline(void *into, const char *value)
{
    ((run_request *)into)->machine.cmdline = value;
    return true;
}

static bool take_module(void *into, const char *value)
{
    run_request *request = into;
    if (request->machine.module_count == RUN_MAX_MODULES) {
        cli_complain("--module: at most %d", RUN_MAX_MODULES);
        return false;
    }
    request->modules[request->machine.module_count++] = value;
    return true;
}

static bool take_kind(void *into, const char *value)
{
    static const char *const kinds[] = { "auto", "linux", "pvh", "multiboot", "flat", "elf" };
    size_t kind;
    if (!cli_word("kind", value, kinds, sizeof(kinds) / sizeof(kinds[0]), &kind))
        return false;
    ((run_request *)into)->machine.kernel_options.kind = (abx_image_kind)kind;
    return true;
}

static bool take_flat_mode(void *into, const char *value)
{
    static const char *const modes[] = { "real", "protected", "long" };
    size_t mode;
    if (!cli_word("flat-mode", value, modes, sizeof(modes) / sizeof(modes[0]), &mode))
        return false;
    ((run_request *)into)->machine.kernel_options.flat_mode = (abx_flat_mode)mode;
    return true;
}

static bool take_flat_address(void *into, const char *value)
{
    return cli_number("flat-address", value, 1, UINT64_MAX,
                      &((run_request *)into)->machine.kernel_options.flat_address);
}

static bool take_cache(void *into, const char *value)
{
    ((run_request *)into)->machine.kernel_options.cache = value;
    return true;
}

static bool take_cpus(void *into, const char *value)
{
    uint64_t cpus;
    if (!cli_number("cpus", value, 1, UINT32_MAX, &cpus))
        return false;
    ((run_request *)into)->machine.vm.cpus = (uint32_t)cpus;
    return true;
}

static bool take_memory_part(abx_vm_config *vm, const cli_suboption *part)
{
    static const char *const huge[] = { "none", "transparent", "2M", "1G", "never" };
    size_t kind;
    if (strcmp(part->key, "memfd") == 0 && !part->value) {
        vm->memory_backing = ABX_BACKING_MEMFD;
        return true;
    }
    if (!run_has_value(part, "huge"))
        return run_refuse("memory", part);
    if (!cli_word("memory", part->value, huge, sizeof(huge) / sizeof(huge[0]), &kind))
        return false;
    vm->huge_pages = (abx_huge_pages)kind;
    return true;
}

static bool take_memory(void *into, const char *value)
{
    abx_vm_config *vm = &((run_request *)into)->machine.vm;
    cli_suboptions parts;
    if (!cli_split("memory", value, &parts))
        return false;
    bool good = cli_size("memory", parts.head, &vm->memory_size);
    for (size_t i = 0; good && i < parts.count; i++)
        good = take_memory_part(vm, &parts.each[i]);
    free(parts.text);
    return good;
}

static bool take_name(void *into, const char *value)
{
    run_request *request = into;
    char path[CLI_MACHINE_PATH_MAX];
    request->machine.vm.name = value;
    request->shared = true;
    return cli_machine_path(value, path);
}

static bool take_backend(void *into, const char *value)
{
    ((run_request *)into)->backend = value;
    return true;
}

static bool take_arch(void *into, const char *value)
{
    run_request *request = into;
    if (!abx_arch_parse(value, &request->hypervisor.guest_arch)) {
        cli_complain("--arch: '%s' is none of x86_64, arm64", value);
        return false;
    }
    request->machine.vm.arch = request->hypervisor.guest_arch;
    request->machine.kernel_options.arch = request->hypervisor.guest_arch;
    return true;
}

static bool take_accel(void *into, const char *value)
{
    ((run_request *)into)->hypervisor.qemu_accel = value;
    return true;
}

static bool take_irqchip(void *into, const char *value)
{
    static const char *const kinds[] = { "default", "none", "kernel", "split" };
    size_t kind;
    if (!cli_word("irqchip", value, kinds, sizeof(kinds) / sizeof(kinds[0]), &kind))
        return false;
    ((run_request *)into)->machine.vm.irqchip = (abx_irqchip)kind;
    return true;
}

static bool take_nested(void *into, const char *value)
{
    (void)value;
    ((run_request *)into)->machine.vm.nested = ABX_YES;
    return true;
}

static bool take_pmu(void *into, const char *value)
{
    (void)value;
    ((run_request *)into)->machine.vm.pmu = ABX_YES;
    return true;
}

static bool take_sve(void *into, const char *value)
{
    (void)value;
    ((run_request *)into)->machine.vm.sve = ABX_YES;
    return true;
}

static bool take_pointer_auth(void *into, const char *value)
{
    (void)value;
    ((run_request *)into)->machine.vm.pointer_auth = ABX_YES;
    return true;
}

static bool take_console(void *into, const char *value)
{
    static const char *const kinds[] = { "serial", "virtio" };
    size_t kind;
    if (!cli_word("console", value, kinds, sizeof(kinds) / sizeof(kinds[0]), &kind))
        return false;
    ((run_request *)into)->virtio_console = kind == 1;
    return true;
}

static bool take_port(void *into, const char *value)
{
    return run_take_port(&((run_request *)into)->added, value);
}

static bool take_disk(void *into, const char *value)
{
    return run_take_disk(&((run_request *)into)->added, value);
}

static bool take_net(void *into, const char *value)
{
    return run_take_net(&((run_request *)into)->added, value);
}

static bool take_vsock(void *into, const char *value)
{
    (void)value;
    return run_take_plain(&((run_request *)into)->added, "vsock", ABX_DEVICE_VSOCK);
}

static bool take_rng(void *into, const char *value)
{
    (void)value;
    return run_take_plain(&((run_request *)into)->added, "rng", ABX_DEVICE_ENTROPY);
}

static bool take_balloon(void *into, const char *value)
{
    return run_take_balloon(&((run_request *)into)->added, value);
}

static bool take_share(void *into, const char *value)
{
    return run_take_share(&((run_request *)into)->added, value);
}

static bool take_rosetta(void *into, const char *value)
{
    return run_take_rosetta(&((run_request *)into)->added, value);
}

static bool take_efi(void *into, const char *value)
{
    ((run_request *)into)->machine.efi_variables = value;
    return true;
}

static bool take_machine_id(void *into, const char *value)
{
    ((run_request *)into)->machine_id.path = value;
    return true;
}

static bool take_stop_timeout(void *into, const char *value)
{
    return cli_seconds("stop-timeout", value, &((run_request *)into)->stop_timeout_ms);
}

static bool take_choice(const char *option, const char *value, abx_choice *out)
{
    static const char *const choices[] = { "default", "on", "off" };
    size_t choice;
    if (!cli_word(option, value, choices, sizeof(choices) / sizeof(choices[0]), &choice))
        return false;
    *out = (abx_choice)choice;
    return true;
}

static bool take_acpi(void *into, const char *value)
{
    return take_choice("acpi", value, &((run_request *)into)->machine.acpi);
}

static bool take_irqfd(void *into, const char *value)
{
    return take_choice("irqfd", value, &((run_request *)into)->machine.irqfd);
}

static bool take_timeout(void *into, const char *value)
{
    return cli_seconds("timeout", value, &((run_request *)into)->timeout_ms);
}

static bool take_events(void *into, const char *value)
{
    ((run_request *)into)->events = value;
    return true;
}

static bool take_quiet(void *into, const char *value)
{
    (void)value;
    ((run_request *)into)->quiet = true;
    return true;
}

const cli_option run_options[] = {
    { "kernel", "FILE", "the kernel: bzImage, vmlinux, ELF with PVH note, Multiboot, flat;\narm64: Image, ELF, flat",
      take_kernel },
    { "initrd", "FILE", "initial RAM disk", take_initrd },
    { "cmdline", "TEXT", "kernel command line (default: the serial console, unless\n--kind says that it is not Linux)",
      take_cmdline },
    { "module", "'FILE [TEXT]'", "Multiboot module and its arguments; may be repeated", take_module },
    { "kind", "KIND", "auto, linux, flat; x86_64: pvh, multiboot; arm64: elf\n(default: auto)", take_kind },
    { "flat-mode", "MODE", "x86_64: enter a flat image in real, protected or long mode", take_flat_mode },
    { "flat-address", "ADDRESS", "load and enter it there (default: 0x1000 real, else 0x100000;\narm64: 0x40000000)",
      take_flat_address },
    { "kernel-cache", "FOLDER",
      "where unpacked kernels are kept; '' keeps none\n(default: arcbox/kernels in the cache folder)", take_cache },
    { "efi", "FILE", "boot by EFI from a disk, with its variables in FILE, which\nis made if it is not there",
      take_efi },
    { "cpus", "N", "vCPUs (default: 1)", take_cpus },
    { "memory", "SIZE[,...]",
      "RAM, such as 512M or 2G (default: half of the host's,\n512M to 16G); huge=transparent|2M|1G|never, memfd",
      take_memory },
    { "name", "NAME", "run under a name: for abx ps, attach, stop and others", take_name },
    { "machine-id", "FILE", "who the machine is, kept in FILE from run to run", take_machine_id },
    { "backend", "NAME", "auto, kvm or qemu (default: auto; see 'abx info')", take_backend },
    { "arch", "ARCH", "guest architecture: x86_64 or arm64 (default: this host's)", take_arch },
    { "qemu-accel", "NAME", "accelerator of the qemu backend: tcg, kvm or hvf", take_accel },
    { "irqchip", "KIND", "interrupt controllers: none or kernel", take_irqchip },
    { "nested", NULL, "give the guest hardware virtualization", take_nested },
    { "pmu", NULL, "arm64: give the guest performance monitors", take_pmu },
    { "sve", NULL, "arm64: give the guest scalable vectors", take_sve },
    { "pointer-auth", NULL, "arm64: give the guest pointer authentication", take_pointer_auth },
    { "devices", "LIST",
      "devices, with commas: none, serial, rtc, pvpanic,\npower-button, fw-cfg, debug-exit, x86_64: i8042 (default:\n"
      "serial,rtc,pvpanic,power-button, x86_64: also i8042)",
      run_take_devices },
    { "console", "KIND",
      "what the terminal is to the guest: serial, or virtio, which\nis hvc0 in Linux (default: serial)", take_console },
    { "port", "NAME[,...]",
      "a virtio port, /dev/virtio-ports/NAME in Linux; in=FILE and\nout=FILE, or fd=NUMBER; may be repeated",
      take_port },
    { "debug-exit", NULL,
      "a register whose writes end the machine: v gives exit\nstatus (v << 1) | 1, as QEMU's isa-debug-exit",
      run_take_debug_exit },
    { "debug-exit-port", "PORT", "x86_64: … at this port (default: 0xf4)", run_take_debug_exit_port },
    { "fw-cfg", "NAME=FILE", "a file for the guest by fw_cfg; may be repeated", run_take_fw_cfg },
    { "disk", "PATH[,...]",
      "a disk, a raw image; ro, cache=auto|cached|uncached,\nsync=full|fsync|none, serial=TEXT, queues=N", take_disk },
    { "net", "KIND[,...]", "a network card on nat, bridged:INTERFACE or fd:NUMBER;\nmac=ADDRESS, mtu=BYTES", take_net },
    { "share", "TAG=FOLDER[,ro]", "share a folder by virtiofs; several under one tag:\nTAG/NAME=FOLDER", take_share },
    { "rosetta", "TAG[,...]", "share Rosetta by virtiofs; cache=unix:PATH,\ncache=abstract:NAME", take_rosetta },
    { "vsock", NULL, "stream sockets between host and guest", take_vsock },
    { "rng", NULL, "random numbers of the host's", take_rng },
    { "balloon", "[...]",
      "memory that the guest gives back; target=SIZE, or auto: when\nthe host is short of it; min=SIZE, no-reporting, "
      "no-deflate",
      take_balloon },
    { "acpi", "CHOICE", "x86_64: ACPI tables: default, on or off\n(default: on for Linux and PVH)", take_acpi },
    { "irqfd", "CHOICE", "kvm: interrupts of virtio devices by descriptors:\ndefault, on or off (default: off)",
      take_irqfd },
    { "timeout", "SECONDS", "end the machine after this time, with status 124", take_timeout },
    { "stop-timeout", "SECONDS", "on a signal or Ctrl-A x ask the guest first, and give it\nthis time to end",
      take_stop_timeout },
    { "events", "FILE", "write events as JSON lines to FILE, '-' for standard output", take_events },
    { "quiet", NULL, "say nothing about how the machine ended", take_quiet },
    { NULL, NULL, NULL, NULL },
};

void run_request_begin(run_request *request)
{
    request->hypervisor = (abx_hypervisor_options)ABX_HYPERVISOR_OPTIONS_INIT;
    request->machine = (abx_machine_config)ABX_MACHINE_CONFIG_INIT;
    request->timeout_ms = -1;
    request->wanted[ABX_DEVICE_SERIAL] = request->wanted[ABX_DEVICE_RTC] = request->wanted[ABX_DEVICE_PVPANIC] = true;
}

/* What Linux calls the machine's console. */
static const char *console_of(const run_request *request, const abx_hypervisor *hypervisor)
{
    if (request->virtio_console || strcmp(abx_hypervisor_backend(hypervisor), "vz") == 0)
        return "console=hvc0";
    return abx_hypervisor_guest_arch(hypervisor) == ABX_ARCH_ARM64 ? "console=ttyAMA0" : "console=ttyS0";
}

/* Whether a guest could hear of a power button: on x86_64 it does by ACPI, which a flat image has not. */
static bool hears_power_button(const run_request *request, const abx_hypervisor *hypervisor)
{
    const abx_machine_config *machine = &request->machine;
    return abx_hypervisor_guest_arch(hypervisor) == ABX_ARCH_ARM64 ||
           (machine->acpi != ABX_NO && machine->vm.irqchip != ABX_IRQCHIP_NONE &&
            machine->kernel_options.kind != ABX_IMAGE_FLAT);
}

/* To those that every guest has by default. */
static void add_defaults(run_request *request, const abx_hypervisor *hypervisor)
{
    request->wanted[ABX_DEVICE_I8042] = abx_hypervisor_guest_arch(hypervisor) == ABX_ARCH_X86_64;
    request->wanted[ABX_DEVICE_POWER_BUTTON] = hears_power_button(request, hypervisor);
}

void run_request_finish(run_request *request, const abx_hypervisor *hypervisor, const abx_serial_config *ends)
{
    abx_machine_config *machine = &request->machine;
    if (!machine->cmdline && !machine->efi_variables && machine->kernel_options.kind <= ABX_IMAGE_LINUX)
        machine->cmdline = console_of(request, hypervisor);
    if (request->machine_id.size) {
        machine->vm.machine_id = request->machine_id.bytes;
        machine->vm.machine_id_size = request->machine_id.size;
    }
    if (!request->devices_listed)
        add_defaults(request, hypervisor);
    machine->device_count = run_add_platform(request, ends);
    machine->device_count += run_devices_finish(&request->added, &request->devices[machine->device_count]);
    machine->devices = request->devices;
    machine->modules = request->modules;
}

void run_request_end(run_request *request)
{
    run_devices_free(&request->added);
}
