/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "command_line.h"
#include "device_list.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_tcg(const abx_command_line_options *options)
{
    return strcmp(options->accel, "tcg") == 0;
}

/* Adds an argument. One that cannot be had leaves a NULL, which is noticed at the end. */
static ABX_PRINTF(2, 3) void add(abx_command_line *line, const char *format, ...)
{
    char *argument = NULL;
    va_list values;
    va_start(values, format);
    if (vasprintf(&argument, format, values) < 0)
        argument = NULL;
    va_end(values);
    line->arguments[line->count++] = argument;
}

/* An option and a value that needs no escaping: nothing in QEMU takes it apart. */
static void add_pair(abx_command_line *line, const char *option, const char *value)
{
    add(line, "%s", option);
    add(line, "%s", value);
}

/*
 * Not "max" under TCG: its AVX has faults in QEMU 7.2 that make guest programs crash now and then. Nehalem is what most
 * distributions ask for at least (x86-64-v2); RDRAND gives the guest entropy from the first moment.
 */
static const char *x86_64_processor(const abx_vm_config *config, const abx_command_line_options *options)
{
    bool nested = config->nested == ABX_YES;
    if (is_tcg(options))
        return nested ? "EPYC,svm=on,npt=on,avx=off,avx2=off,f16c=off,fma=off" : "Nehalem,rdrand=on";
    return nested ? "host" : "host,svm=off,vmx=off";
}

/*
 * q35 rather than microvm, although that one starts a little faster: without an ACPI timer, stock kernels of one
 * processor now and then hang there under TCG while they calibrate their clock. Left out is what has probes that take
 * time; the keyboard controller stays because small guests reset the machine through it.
 */
static void add_x86_64(abx_command_line *line, const abx_vm_config *config, const abx_command_line_options *options)
{
    add(line, "-machine");
    add(line, "q35,accel=%s,usb=off,sata=off,smbus=off,smm=off,vmport=off", options->accel);
    add_pair(line, "-cpu", x86_64_processor(config, options));
    add_pair(line, "-device", "pvpanic");
    if (abx_devices_find(config, ABX_DEVICE_DEBUG_EXIT))
        add_pair(line, "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04");
}

/* Cortex-A72 rather than "max" under TCG: what the latter has more makes kernels slower to start. */
static void add_arm64(abx_command_line *line, const abx_vm_config *config, const abx_command_line_options *options)
{
    const char *nested = config->nested == ABX_YES ? ",virtualization=on" : "";
    const char *controller = strcmp(options->accel, "hvf") == 0 ? "" : ",gic-version=max";
    add(line, "-machine");
    add(line, "virt,accel=%s%s%s", options->accel, controller, nested);
    add_pair(line, "-cpu", is_tcg(options) ? "cortex-a72" : "host");
    add_pair(line, "-device", "pvpanic-pci");
}

static void add_channels(abx_command_line *line, const abx_command_line_options *options)
{
    add(line, "-chardev");
    add(line, "socket,id=qmp,fd=%d", options->qmp_fd);
    add_pair(line, "-mon", "chardev=qmp,mode=control");
    add(line, "-chardev");
    if (options->console_fd >= 0)
        add(line, "socket,id=console,fd=%d", options->console_fd);
    else
        add(line, "null,id=console");
    add_pair(line, "-serial", "chardev:console");
}

static void add_boot(abx_command_line *line, const abx_boot_config *boot)
{
    if (boot->kernel)
        add_pair(line, "-kernel", boot->kernel);
    if (boot->initrd)
        add_pair(line, "-initrd", boot->initrd);
    if (boot->cmdline)
        add_pair(line, "-append", boot->cmdline);
}

abx_status abx_command_line_build(abx_command_line *line, const abx_vm_config *config,
                                  const abx_command_line_options *options)
{
    abx_command_line fresh = { .count = 0 };
    add(&fresh, "%s", options->program);
    add(&fresh, "-nodefaults");
    add(&fresh, "-no-user-config");
    add(&fresh, "-S");
    add_pair(&fresh, "-display", "none");
    add(&fresh, "-name");
    add(&fresh, "guest=%s", config->name);
    if (config->arch == ABX_ARCH_ARM64)
        add_arm64(&fresh, config, options);
    else
        add_x86_64(&fresh, config, options);
    add(&fresh, "-smp");
    add(&fresh, "%" PRIu32, config->cpus);
    add(&fresh, "-m");
    add(&fresh, "%" PRIu64 "k", config->memory_size / 1024);
    add_pair(&fresh, "-action", "reboot=shutdown,shutdown=poweroff,panic=shutdown");
    add_channels(&fresh, options);
    add_boot(&fresh, &config->boot);

    for (size_t i = 0; i < fresh.count; i++) {
        if (!fresh.arguments[i]) {
            abx_command_line_free(&fresh);
            return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "write QEMU's arguments");
        }
    }
    *line = fresh;
    return ABX_OK;
}

void abx_command_line_free(abx_command_line *line)
{
    for (size_t i = 0; i < line->count; i++)
        free(line->arguments[i]);
    line->count = 0;
}
