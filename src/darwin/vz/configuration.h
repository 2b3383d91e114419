/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A VM's configuration as the framework's objects. Everything made here belongs to the autorelease pool that is in
 * place. What the framework raises at is checked first; what it refuses becomes the caller's error.
 */
#ifndef ABX_SRC_DARWIN_VZ_CONFIGURATION_H
#define ABX_SRC_DARWIN_VZ_CONFIGURATION_H

#include "drain.h"
#include "objc_abi.h"

#include <arcbox/config.h>

/*
 * A VZVirtualMachineConfiguration that the framework finds valid. `*identifier` gets the data of its machine
 * identifier, NULL before macOS 13. `drain` gets the consoles that have an output, and may be NULL if there is none.
 */
abx_status abx_vz_configuration_new(id *out, id *identifier, const abx_vm_config *config, abx_vz_drain *drain);

/* A VZLinuxBootLoader or VZEFIBootLoader. */
abx_status abx_vz_boot_loader_new(id *out, const abx_boot_config *boot);

/* A VZGenericPlatformConfiguration; NULL before macOS 12. */
abx_status abx_vz_platform_new(id *out, id *identifier, const abx_vm_config *config);

/* Configurations of the devices of that kind. */
abx_status abx_vz_serial_port_new(id *out, const abx_serial_config *config, abx_vz_drain *drain);
abx_status abx_vz_console_new(id *out, const abx_console_config *config, abx_vz_drain *drain); /* from macOS 13 on */
abx_status abx_vz_disk_new(id *out, const abx_block_config *config);
abx_status abx_vz_network_new(id *out, const abx_net_config *config);
abx_status abx_vz_share_new(id *out, const abx_fs_config *config);
abx_status abx_vz_rosetta_new(id *out, const abx_rosetta_config *config);

/* How many of its ports have an output that is to be drained; 0 for all that is no console. */
size_t abx_vz_console_outputs(const abx_device_config *device);

/* A VZVirtioFileSystemDeviceConfiguration with that tag and share. */
abx_status abx_vz_tagged_share_new(id *out, const char *tag, id share);

#endif
