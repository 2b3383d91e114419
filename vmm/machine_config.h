/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a machine's configuration must be like, before anything is taken from the host. */
#ifndef ABX_VMM_MACHINE_CONFIG_H
#define ABX_VMM_MACHINE_CONFIG_H

#include <arcbox/machine.h>

#include "machine_faults.h"

/*
 * Checks all of `config` and makes the VM's own configuration of it. `*vm_config` shares the strings of `config`.
 * Errors: ABX_ERR_INVALID, ABX_ERR_CONFIG (all faults are in the error's advice).
 */
abx_status abx_machine_resolve(const abx_machine_config *config, const abx_hypervisor *hypervisor,
                               abx_vm_config *vm_config);

/* Adds the faults that devices have on manual backends only, where they are the machine's. `arch`: of the guest. */
void abx_machine_check_devices(const abx_machine_config *config, abx_arch arch, abx_machine_faults *faults);

/* Whether a machine of `config` for guests of `arch` brings an interrupt controller of its own: ARM64's, by default,
 * where the backend has none in the kernel and lets another one serve vCPUs. */
bool abx_machine_brings_gic(const abx_machine_config *config, const abx_hypervisor *hypervisor, abx_arch arch);

/* The device of a kind that `config` lists, or NULL. */
const abx_device_config *abx_machine_find_device(const abx_machine_config *config, abx_device_kind kind);

#endif
