/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "acpi/aml.h"

/* iasl writes definitions of plain global arrays; these words make each private and constant. */
// clang-format off
static const
#include "dsdt.hex"
static const
#include "serial.hex"
static const
#include "rtc.hex"
static const
#include "fw_cfg.hex"
static const
#include "pvpanic.hex"
static const
#include "ged.hex"
static const
#include "virtio.hex"
    // clang-format on

    const abx_aml abx_aml_dsdt = { dsdt_aml_code, sizeof(dsdt_aml_code) };
const abx_aml abx_aml_serial = { serial_aml_code, sizeof(serial_aml_code) };
const abx_aml abx_aml_rtc = { rtc_aml_code, sizeof(rtc_aml_code) };
const abx_aml abx_aml_fw_cfg = { fw_cfg_aml_code, sizeof(fw_cfg_aml_code) };
const abx_aml abx_aml_pvpanic = { pvpanic_aml_code, sizeof(pvpanic_aml_code) };
const abx_aml abx_aml_ged = { ged_aml_code, sizeof(ged_aml_code) };
const abx_aml abx_aml_virtio = { virtio_aml_code, sizeof(virtio_aml_code) };
