/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "backends.h"
#include "rosetta.h"
#include "validate.h"
#include "vm_object.h"
#include "vsock.h"
#include "vz_api.h"

#include <stdio.h>

static void set_bit(abx_capabilities *caps, abx_cap cap, bool on)
{
    if (on)
        caps->bits[cap / 64] |= UINT64_C(1) << (cap % 64);
}

static bool can_nest(void)
{
    return VZGenericPlatformConfiguration_isNestedVirtualizationSupported_available() &&
           VZGenericPlatformConfiguration_isNestedVirtualizationSupported();
}

static bool can_translate(void)
{
    abx_rosetta_availability availability;
    abx_vz_rosetta_availability(NULL, &availability);
    return availability != ABX_ROSETTA_NOT_SUPPORTED;
}

static void describe(abx_capabilities *caps)
{
    uint64_t cpus = VZVirtualMachineConfiguration_maximumAllowedCPUCount();
    /* Pages that a balloon takes stay with the framework's process. */
    snprintf(caps->detail, sizeof(caps->detail), "Virtualization.framework; a balloon frees no host memory");
    caps->guest_archs = 1u << (ABX_VZ_ON_ARM64 ? ABX_ARCH_ARM64 : ABX_ARCH_X86_64);
    caps->max_vcpus = cpus > UINT32_MAX ? UINT32_MAX : (uint32_t)cpus;
    set_bit(caps, ABX_CAP_HARDWARE, true);
    set_bit(caps, ABX_CAP_REQUEST_STOP, true);
    set_bit(caps, ABX_CAP_BALLOON, true);
    set_bit(caps, ABX_CAP_VSOCK, true);
    set_bit(caps, ABX_CAP_FS_SHARE, VZVirtioFileSystemDeviceConfiguration_initWithTag__available());
    set_bit(caps, ABX_CAP_EFI, VZEFIBootLoader_init_available());
    set_bit(caps, ABX_CAP_SAVE, VZVirtualMachine_saveMachineStateToURL_completionHandler__available());
    set_bit(caps, ABX_CAP_ROSETTA, can_translate());
    set_bit(caps, ABX_CAP_NESTED, can_nest());
    if (!can_nest())
        snprintf(caps->nested_obstacle, sizeof(caps->nested_obstacle), "it needs macOS 15 and an M3 chip or later");
}

static abx_status open_vz(void **out, const abx_hypervisor_options *options, abx_capabilities *caps)
{
    /* There is nothing to keep, but a NULL would be no object. */
    static char object;
    (void)options;
    void *pool = objc_autoreleasePoolPush();
    bool supported = VZVirtualMachine_isSupported();
    if (supported)
        describe(caps);
    objc_autoreleasePoolPop(pool);
    if (!supported)
        return abx_fail(
            ABX_ERR_NOT_SUPPORTED, 0,
            "This Mac has no virtualization for programs; a Mac that is itself a virtual machine often lacks it.",
            "open Virtualization.framework");
    *out = &object;
    return ABX_OK;
}

static void close_vz(void *hypervisor)
{
    (void)hypervisor;
}

const abx_backend abx_backend_vz = {
    .size = sizeof(abx_backend),
    .name = "vz",
    .description = "Apple's Virtualization.framework",
    .managed = true,
    .open = open_vz,
    .close = close_vz,
    .validate = abx_vz_validate,
    .vm_create = abx_vz_vm_create,
    .vm_start = abx_vz_vm_start,
    .vm_pause = abx_vz_vm_pause,
    .vm_resume = abx_vz_vm_resume,
    .vm_stop = abx_vz_vm_stop,
    .vm_destroy = abx_vz_vm_destroy,
    .vm_request_stop = abx_vz_vm_request_stop,
    .vm_save = abx_vz_vm_save,
    .vm_restore = abx_vz_vm_restore,
    .vm_get_machine_id = abx_vz_vm_get_machine_id,
    .balloon_set_target = abx_vz_balloon_set_target,
    .balloon_get_target = abx_vz_balloon_get_target,
    .vsock_connect = abx_vz_vsock_connect,
    .vsock_listen = abx_vz_vsock_listen,
    .vsock_unlisten = abx_vz_vsock_unlisten,
    .rosetta_availability = abx_vz_rosetta_availability,
    .rosetta_install = abx_vz_rosetta_install,
};
