/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What fw_cfg offers: blobs by selector, and the directory of those that are files. */
#ifndef ABX_VMM_DEVICES_FW_CFG_ITEMS_H
#define ABX_VMM_DEVICES_FW_CFG_ITEMS_H

#include <arcbox/machine.h>

typedef struct abx_fw_cfg_item {
    uint16_t selector;
    uint8_t *data;
    uint32_t length;
} abx_fw_cfg_item;

typedef struct abx_fw_cfg_items {
    abx_fw_cfg_item *items;
    size_t count;
} abx_fw_cfg_items;

/* Makes all items of a machine; errors as abx_fw_cfg_new(). */
abx_status abx_fw_cfg_items_new(abx_fw_cfg_items *out, const abx_vm_config *config, const abx_fw_cfg_file *files,
                                size_t count);
void abx_fw_cfg_items_free(abx_fw_cfg_items *items);

/* NULL when there is none. */
const abx_fw_cfg_item *abx_fw_cfg_items_find(const abx_fw_cfg_items *items, uint16_t selector);

#endif
