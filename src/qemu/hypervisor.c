/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "backends.h"
#include "hypervisor_object.h"
#include "linux/nested.h"
#include "program.h"
#include "validate.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const default_names[] = {
    [ABX_ARCH_X86_64] = "qemu-system-x86_64",
    [ABX_ARCH_ARM64] = "qemu-system-aarch64",
};

/* x86_64 processors beyond 255 need an interrupt remapper; TCG's physical addresses have 40 bits there. */
#define MAX_VCPUS 255
#define PHYS_BITS 40

static abx_status check_accel(const abx_hypervisor_options *options, const char **accel)
{
    static const char *const known[] = { "tcg", "kvm", "hvf" };
    const char *name = options->qemu_accel ? options->qemu_accel : known[0];
    size_t i = 0;
    while (i < 3 && strcmp(name, known[i]) != 0)
        i++;
    if (i == 3)
        return abx_fail(ABX_ERR_INVALID, 0, "QEMU's accelerators here are tcg, kvm and hvf.", "use accelerator %s",
                        name);
    if (i > 0 && options->guest_arch != abx_host_arch())
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "Only tcg runs guests of another architecture.",
                        "use accelerator %s for %s guests", name, abx_arch_name(options->guest_arch));
#if defined(__linux__)
    if (strcmp(name, "hvf") == 0)
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "It is a part of macOS.", "use accelerator hvf");
#else
    if (strcmp(name, "kvm") == 0)
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "It is a part of Linux.", "use accelerator kvm");
#endif
    if (strcmp(name, "kvm") == 0 && access("/dev/kvm", R_OK | W_OK) != 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "use /dev/kvm for QEMU");
    *accel = known[i];
    return ABX_OK;
}

/* The program for the architecture that is asked for has to be there; the other one's may. */
static abx_status find_programs(abx_qemu *qemu, const abx_hypervisor_options *options)
{
    abx_arch wanted = options->guest_arch;
    const char *name = options->qemu_binary ? options->qemu_binary : default_names[wanted];
    abx_status status = abx_program_find(&qemu->programs[wanted], name);
    if (status != ABX_OK || options->qemu_binary || strcmp(qemu->accel, "tcg") != 0)
        return status;
    abx_arch other = wanted == ABX_ARCH_X86_64 ? ABX_ARCH_ARM64 : ABX_ARCH_X86_64;
    qemu->programs[other] = abx_program_look_up(default_names[other]);
    return ABX_OK;
}

static void set_bit(abx_capabilities *caps, abx_cap cap)
{
    caps->bits[cap / 64] |= UINT64_C(1) << (cap % 64);
}

static void describe(const abx_qemu *qemu, const abx_qemu_version *version, abx_capabilities *caps)
{
    char accel[8];
    size_t length = strlen(qemu->accel);
    for (size_t i = 0; i <= length; i++)
        accel[i] = (char)toupper((unsigned char)qemu->accel[i]);
    snprintf(caps->detail, sizeof(caps->detail), "%s of QEMU %u.%u.%u", accel, version->major, version->minor,
             version->micro);
    for (abx_arch arch = ABX_ARCH_X86_64; arch <= ABX_ARCH_ARM64; arch++) {
        if (qemu->programs[arch])
            caps->guest_archs |= 1u << arch;
    }
    caps->max_vcpus = MAX_VCPUS;
    caps->phys_bits = PHYS_BITS;
    caps->page_size = 4096;
    bool hardware; /* of KVM, the only accelerator here besides TCG */
    abx_nested_technology(&abx_nested_this_host, &hardware);
    if (strcmp(qemu->accel, "tcg") == 0)
        set_bit(caps, ABX_CAP_NESTED);
    else if (hardware)
        set_bit(caps, ABX_CAP_HARDWARE);
    caps->nesting = abx_nested_host(&abx_nested_this_host, caps->host_hypervisor);
    set_bit(caps, ABX_CAP_REQUEST_STOP);
    set_bit(caps, ABX_CAP_BALLOON);
}

static void close_qemu(void *hypervisor)
{
    abx_qemu *qemu = hypervisor;
    for (size_t i = 0; i < sizeof(qemu->programs) / sizeof(qemu->programs[0]); i++)
        free(qemu->programs[i]);
    free(qemu);
}

static abx_status fill_in(abx_qemu *qemu, const abx_hypervisor_options *options, abx_capabilities *caps)
{
    abx_qemu_version version;
    const char *program;
    abx_status status = check_accel(options, &qemu->accel);
    if (status == ABX_OK)
        status = find_programs(qemu, options);
    if (status != ABX_OK)
        return status;
    program = qemu->programs[options->guest_arch];
    status = abx_program_version(&version, program);
    if (status == ABX_OK)
        status = abx_program_check(&version, program);
    if (status == ABX_OK)
        describe(qemu, &version, caps);
    return status;
}

static abx_status open_qemu(void **out, const abx_hypervisor_options *options, abx_capabilities *caps)
{
    abx_qemu *qemu = calloc(1, sizeof(*qemu));
    if (!qemu)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "open backend qemu");
    abx_status status = fill_in(qemu, options, caps);
    if (status != ABX_OK) {
        close_qemu(qemu);
        return status;
    }
    *out = qemu;
    return ABX_OK;
}

const abx_backend abx_backend_qemu = {
    .size = sizeof(abx_backend),
    .name = "qemu",
    .description = "QEMU in a process of its own, controlled by QMP",
    .managed = true,
    .open = open_qemu,
    .close = close_qemu,
    .validate = abx_qemu_validate,
    .vm_create = abx_qemu_vm_create,
    .vm_start = abx_qemu_vm_start,
    .vm_pause = abx_qemu_vm_pause,
    .vm_resume = abx_qemu_vm_resume,
    .vm_request_stop = abx_qemu_vm_request_stop,
    .vm_stop = abx_qemu_vm_stop,
    .vm_destroy = abx_qemu_vm_destroy,
    .vm_get_cpu_time = abx_qemu_vm_get_cpu_time,
    .balloon_set_target = abx_qemu_balloon_set_target,
    .balloon_get_target = abx_qemu_balloon_get_target,
};
