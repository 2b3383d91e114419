/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lists of devices: find one, copy all. Behind <arcbox/device.h>. */
#ifndef ABX_SRC_DEVICE_LIST_H
#define ABX_SRC_DEVICE_LIST_H

#include <arcbox/config.h>

/* The first device of `kind` in the configuration, or NULL. */
const abx_device_config *abx_devices_find(const abx_vm_config *config, abx_device_kind kind);

/*
 * Copies `count` devices with all that they point to, but for what is behind descriptors, into one block: free() ends
 * it. At least one device. Returns NULL for want of memory; makes no error record.
 */
abx_device_config *abx_devices_copy(const abx_device_config *devices, size_t count);

#endif
