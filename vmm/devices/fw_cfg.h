/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * QEMU's firmware configuration interface (QEMU docs/specs/fw_cfg): selector at port 0x510, data at 0x511, DMA address
 * at 0x514 to 0x51b. It offers the signature, the features, RAM size, CPU counts, and the files that the user gives.
 */
#ifndef ABX_VMM_DEVICES_FW_CFG_H
#define ABX_VMM_DEVICES_FW_CFG_H

#include "device.h"

enum {
    ABX_FW_CFG_PORT = 0x510,
    ABX_FW_CFG_PORTS = 12,
    ABX_FW_CFG_NAME_SIZE = 56, /* with its ending zero */
    ABX_FW_CFG_MAX_FILES = 0x4000 - 0x20,
};

/*
 * Makes it, with copies of all files, and puts it on the bus. Names and number of files have been checked. Errors:
 * ABX_ERR_EXISTS, ABX_ERR_NO_MEMORY, ABX_ERR_NOT_FOUND and ABX_ERR_PERMISSION (a file), ABX_ERR_LIMIT (a file larger
 * than 32 bits can tell), ABX_ERR_SYSTEM.
 */
abx_status abx_fw_cfg_new(abx_device *out, const abx_device_host *host, const abx_vm_config *config,
                          const abx_fw_cfg_file *files, size_t count);

#endif
