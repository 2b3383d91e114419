/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the devices of a configuration must be like. */
#ifndef ABX_SRC_DEVICE_CHECK_H
#define ABX_SRC_DEVICE_CHECK_H

#include "config_internal.h"

/*
 * Adds the faults of config->devices: what holds on every backend, then what depends on the one behind `hypervisor`,
 * which may be NULL; not what the backend itself has against them.
 */
void abx_devices_check(const abx_vm_config *config, const abx_hypervisor *hypervisor, abx_config_report *report);

#endif
