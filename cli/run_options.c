/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "run_options.h"
#include "report.h"
#include "values.h"

#include <stdio.h>
#include <string.h>

static const char *const device_names[RUN_MAX_DEVICES] = {
    [ABX_DEVICE_NONE] = "none",       [ABX_DEVICE_SERIAL] = "serial",         [ABX_DEVICE_I8042] = "i8042",
    [ABX_DEVICE_RTC] = "rtc",         [ABX_DEVICE_DEBUG_EXIT] = "debug-exit", [ABX_DEVICE_FW_CFG] = "fw-cfg",
    [ABX_DEVICE_PVPANIC] = "pvpanic",
};

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

static bool take_memory(void *into, const char *value)
{
    return cli_size("memory", value, &((run_request *)into)->machine.vm.memory_size);
}

static bool take_name(void *into, const char *value)
{
    ((run_request *)into)->machine.vm.name = value;
    return true;
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

static bool take_devices(void *into, const char *value)
{
    run_request *request = into;
    bool wanted[RUN_MAX_DEVICES] = { false };
    for (const char *word = value; word;) {
        const char *comma = strchr(word, ',');
        size_t length = comma ? (size_t)(comma - word) : strlen(word);
        char name[16];
        if (length >= sizeof(name))
            length = sizeof(name) - 1;
        memcpy(name, word, length);
        name[length] = '\0';
        size_t kind;
        if (!cli_word("devices", name, device_names, ABX_DEVICE_PVPANIC + 1, &kind))
            return false;
        wanted[kind] = true;
        word = comma ? comma + 1 : NULL;
    }
    memcpy(request->wanted, wanted, sizeof(wanted));
    return true;
}

static bool take_debug_exit(void *into, const char *value)
{
    (void)value;
    ((run_request *)into)->wanted[ABX_DEVICE_DEBUG_EXIT] = true;
    return true;
}

static bool take_debug_exit_port(void *into, const char *value)
{
    run_request *request = into;
    uint64_t port;
    if (!cli_number("debug-exit-port", value, 1, UINT16_MAX, &port))
        return false;
    request->debug_exit_port = (uint16_t)port;
    request->wanted[ABX_DEVICE_DEBUG_EXIT] = true;
    return true;
}

static bool take_fw_cfg(void *into, const char *value)
{
    run_request *request = into;
    const char *equals = strchr(value, '=');
    if (!equals || equals == value || !equals[1] || equals - value >= (int)sizeof(request->file_names[0])) {
        cli_complain("--fw-cfg: '%s' is not NAME=FILE with a name of at most 55 bytes", value);
        return false;
    }
    if (request->file_count == RUN_MAX_FILES) {
        cli_complain("--fw-cfg: at most %d", RUN_MAX_FILES);
        return false;
    }
    char *name = request->file_names[request->file_count];
    memcpy(name, value, (size_t)(equals - value));
    name[equals - value] = '\0';
    request->files[request->file_count++] = (abx_fw_cfg_file){ .name = name, .path = equals + 1 };
    request->wanted[ABX_DEVICE_FW_CFG] = true;
    return true;
}

static bool take_acpi(void *into, const char *value)
{
    static const char *const choices[] = { "default", "on", "off" };
    size_t choice;
    if (!cli_word("acpi", value, choices, sizeof(choices) / sizeof(choices[0]), &choice))
        return false;
    ((run_request *)into)->machine.acpi = (abx_choice)choice;
    return true;
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
    { "cpus", "N", "vCPUs (default: 1)", take_cpus },
    { "memory", "SIZE", "RAM, such as 512M or 2G (default: half of the host's,\n512M to 16G)", take_memory },
    { "name", "NAME", "the name of the machine (default: vm)", take_name },
    { "backend", "NAME", "auto, kvm or qemu (default: auto; see 'abx info')", take_backend },
    { "arch", "ARCH", "guest architecture: x86_64 or arm64 (default: this host's)", take_arch },
    { "qemu-accel", "NAME", "accelerator of the qemu backend: tcg, kvm or hvf", take_accel },
    { "irqchip", "KIND", "interrupt controllers: none or kernel", take_irqchip },
    { "nested", NULL, "give the guest hardware virtualization", take_nested },
    { "devices", "LIST",
      "devices, with commas: none, serial, rtc, pvpanic, fw-cfg,\ndebug-exit, x86_64: i8042 (default: "
      "serial,rtc,pvpanic)",
      take_devices },
    { "debug-exit", NULL,
      "a register whose writes end the machine: v gives exit\nstatus (v << 1) | 1, as QEMU's isa-debug-exit",
      take_debug_exit },
    { "debug-exit-port", "PORT", "x86_64: … at this port (default: 0xf4)", take_debug_exit_port },
    { "fw-cfg", "NAME=FILE", "a file for the guest by fw_cfg; may be repeated", take_fw_cfg },
    { "acpi", "CHOICE", "x86_64: ACPI tables: default, on or off\n(default: on for Linux and PVH)", take_acpi },
    { "timeout", "SECONDS", "end the machine after this time, with status 124", take_timeout },
    { "events", "FILE", "write events as JSON lines to FILE, '-' for standard output", take_events },
    { "quiet", NULL, "say nothing about how the machine ended", take_quiet },
    { NULL, NULL, NULL, NULL },
};

void run_request_init(run_request *request)
{
    *request = (run_request){
        .hypervisor = ABX_HYPERVISOR_OPTIONS_INIT,
        .machine = ABX_MACHINE_CONFIG_INIT,
        .timeout_ms = -1,
        .wanted = { [ABX_DEVICE_SERIAL] = true, [ABX_DEVICE_RTC] = true, [ABX_DEVICE_PVPANIC] = true },
    };
}

static bool is_arm64(abx_arch arch)
{
    return (arch == ABX_ARCH_HOST ? abx_host_arch() : arch) == ABX_ARCH_ARM64;
}

void run_request_finish(run_request *request, int input_fd, int output_fd)
{
    abx_machine_config *machine = &request->machine;
    if (!machine->cmdline && machine->kernel_options.kind <= ABX_IMAGE_LINUX)
        machine->cmdline = is_arm64(machine->vm.arch) ? "console=ttyAMA0" : "console=ttyS0";
    for (int kind = ABX_DEVICE_SERIAL; kind <= ABX_DEVICE_PVPANIC; kind++) {
        if (!request->wanted[kind])
            continue;
        abx_device_config *device = &request->devices[machine->device_count++];
        device->kind = (abx_device_kind)kind;
        if (kind == ABX_DEVICE_SERIAL) {
            device->serial.input_fd = input_fd;
            device->serial.output_fd = output_fd;
        } else if (kind == ABX_DEVICE_DEBUG_EXIT) {
            device->debug_exit.port = request->debug_exit_port;
        } else if (kind == ABX_DEVICE_FW_CFG) {
            device->fw_cfg.files = request->files;
            device->fw_cfg.count = request->file_count;
        }
    }
    machine->devices = request->devices;
    machine->modules = request->modules;
}
