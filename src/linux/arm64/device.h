/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Devices of a VM in the kernel, and their attributes (Documentation/virt/kvm/devices/). VMs and vCPUs have attributes
 * as well. Results are 0 or a negative errno. */
#ifndef ABX_SRC_LINUX_ARM64_DEVICE_H
#define ABX_SRC_LINUX_ARM64_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

/* Whether VMs like `vm` can have a device of `type` (KVM_DEV_TYPE_*). */
bool abx_device_offered(int vm, uint32_t type);

/* Creates one: its descriptor, the caller's, or a negative errno. */
int abx_device_create(int vm, uint32_t type);

bool abx_device_has(int fd, uint32_t group, uint64_t attribute);
int abx_device_get(int fd, uint32_t group, uint64_t attribute, void *value);
/* `value` may be NULL for attributes that are commands. */
int abx_device_set(int fd, uint32_t group, uint64_t attribute, const void *value);

#endif
