/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * QEMU's firmware configuration interface (QEMU docs/specs/fw_cfg). With ports the selector is at 0x510, data at 0x511,
 * the DMA address at 0x514 to 0x51b; in memory data is at 0, the selector at 8, big-endian, the DMA address at 16. It
 * offers the signature, the features, RAM size, CPU counts, and the files that the user gives.
 */
#ifndef ABX_VMM_DEVICES_FW_CFG_H
#define ABX_VMM_DEVICES_FW_CFG_H

#include "device.h"

enum {
    ABX_FW_CFG_PORT = 0x510,
    ABX_FW_CFG_PORTS = 12,
    ABX_FW_CFG_MMIO = 24,      /* bytes */
    ABX_FW_CFG_NAME_SIZE = 56, /* with its ending zero */
    ABX_FW_CFG_MAX_FILES = 0x4000 - 0x20,
};

/* Where its registers are, from its base on. */
typedef struct abx_fw_cfg_layout {
    uint64_t length;
    uint64_t selector;
    bool selector_big_endian;
    uint64_t data;
    uint64_t data_length;
    uint64_t dma;
} abx_fw_cfg_layout;

extern const abx_fw_cfg_layout abx_fw_cfg_ports;
extern const abx_fw_cfg_layout abx_fw_cfg_mmio;

typedef struct abx_fw_cfg_place {
    const abx_fw_cfg_layout *layout;
    abx_bus *bus;
    uint64_t base;
} abx_fw_cfg_place;

/*
 * Makes it, with copies of all files, and puts it at `base` of the bus. Names and number of files have been checked.
 * Errors: ABX_ERR_EXISTS, ABX_ERR_NO_MEMORY, ABX_ERR_NOT_FOUND and ABX_ERR_PERMISSION (a file), ABX_ERR_LIMIT (a file
 * larger than 32 bits can tell), ABX_ERR_SYSTEM.
 */
abx_status abx_fw_cfg_new(abx_device *out, const abx_device_host *host, const abx_fw_cfg_place *place,
                          const abx_fw_cfg_file *files, size_t count);

#endif
