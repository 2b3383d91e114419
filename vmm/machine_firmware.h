/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a PC's firmware would have left in low memory: ACPI tables, and code at the reset vector. */
#ifndef ABX_VMM_MACHINE_FIRMWARE_H
#define ABX_VMM_MACHINE_FIRMWARE_H

#include <arcbox/machine.h>

/*
 * Writes both for a machine of `config` with ACPI's registers. Errors: ABX_ERR_RANGE (too little RAM), ABX_ERR_LIMIT,
 * ABX_ERR_NO_MEMORY.
 */
abx_status abx_machine_write_firmware(abx_vm *vm, const abx_machine_config *config);

#endif
