/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The definition blocks beside this file, compiled: each a complete table with its header. */
#ifndef ABX_VMM_ACPI_AML_H
#define ABX_VMM_ACPI_AML_H

#include <stddef.h>
#include <stdint.h>

typedef struct abx_aml {
    const uint8_t *table;
    size_t length;
} abx_aml;

extern const abx_aml abx_aml_dsdt;
extern const abx_aml abx_aml_serial;
extern const abx_aml abx_aml_rtc;
extern const abx_aml abx_aml_fw_cfg;
extern const abx_aml abx_aml_pvpanic;
extern const abx_aml abx_aml_ged;
extern const abx_aml abx_aml_virtio; /* with numbers to be replaced */

#endif
