/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "command_line.h"
#include "device_arguments.h"
#include "device_list.h"

#include <inttypes.h>
#include <string.h>

static bool is_tcg(const abx_command_line_options *options)
{
    return strcmp(options->accel, "tcg") == 0;
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
 * time; the keyboard controller stays because small guests reset the machine through it. There is no sleep (S3) from
 * which nobody would wake the guest.
 */
static void add_x86_64(abx_arguments *line, const abx_vm_config *config, const abx_command_line_options *options)
{
    abx_arguments_add(line, "-machine");
    abx_arguments_add(line, "q35,accel=%s,usb=off,sata=off,smbus=off,smm=off,vmport=off", options->accel);
    abx_arguments_add_pair(line, "-cpu", x86_64_processor(config, options));
    abx_arguments_add_pair(line, "-global", "ICH9-LPC.disable_s3=1");
    abx_arguments_add_pair(line, "-device", "pvpanic");
}

/* Cortex-A72 rather than "max" under TCG: what the latter has more makes kernels slower to start. */
static void add_arm64(abx_arguments *line, const abx_vm_config *config, const abx_command_line_options *options)
{
    const char *nested = config->nested == ABX_YES ? ",virtualization=on" : "";
    const char *controller = strcmp(options->accel, "hvf") == 0 ? "" : ",gic-version=max";
    abx_arguments_add(line, "-machine");
    abx_arguments_add(line, "virt,accel=%s%s%s", options->accel, controller, nested);
    abx_arguments_add_pair(line, "-cpu", is_tcg(options) ? "cortex-a72" : "host");
    abx_arguments_add_pair(line, "-device", "pvpanic-pci");
}

static void add_protocol(abx_arguments *line, int fd)
{
    abx_arguments_add(line, "-chardev");
    abx_arguments_add(line, "socket,id=qmp,fd=%d", fd);
    abx_arguments_add_pair(line, "-mon", "chardev=qmp,mode=control");
}

static void add_boot(abx_arguments *line, const abx_boot_config *boot)
{
    if (boot->kernel)
        abx_arguments_add_pair(line, "-kernel", boot->kernel);
    if (boot->initrd)
        abx_arguments_add_pair(line, "-initrd", boot->initrd);
    if (boot->cmdline)
        abx_arguments_add_pair(line, "-append", boot->cmdline);
}

abx_status abx_command_line_build(abx_arguments *line, const abx_vm_config *config,
                                  const abx_command_line_options *options)
{
    abx_arguments fresh = { 0 };
    abx_arguments_add(&fresh, "%s", options->program);
    abx_arguments_add(&fresh, "-nodefaults");
    abx_arguments_add(&fresh, "-no-user-config");
    abx_arguments_add(&fresh, "-S");
    abx_arguments_add_pair(&fresh, "-display", "none");
    abx_arguments_add(&fresh, "-name");
    abx_arguments_add(&fresh, "guest=%s", config->name);
    if (config->arch == ABX_ARCH_ARM64)
        add_arm64(&fresh, config, options);
    else
        add_x86_64(&fresh, config, options);
    abx_arguments_add(&fresh, "-smp");
    abx_arguments_add(&fresh, "%" PRIu32, config->cpus);
    abx_arguments_add(&fresh, "-m");
    abx_arguments_add(&fresh, "%" PRIu64 "k", config->memory_size / 1024);
    abx_arguments_add_pair(&fresh, "-action", "reboot=shutdown,shutdown=poweroff,panic=shutdown");
    add_protocol(&fresh, options->qmp_fd);
    abx_device_arguments_add(&fresh, options->parts, options->part_fds);
    add_boot(&fresh, &config->boot);

    int error = fresh.error;
    if (error) {
        abx_arguments_free(&fresh);
        return abx_fail(abx_status_of_errno(error), error, NULL, "write QEMU's arguments");
    }
    *line = fresh;
    return ABX_OK;
}
