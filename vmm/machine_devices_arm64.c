/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_devices.h"

#include "devices/debug_exit.h"
#include "devices/fw_cfg.h"
#include "devices/pl011.h"
#include "devices/pl031.h"
#include "devices/pl061.h"
#include "devices/pvpanic.h"
#include "devices/serial.h"

#include <arcbox/arm64.h>

abx_status abx_machine_build_device_arm64(abx_device *out, const abx_device_host *host, const abx_device_config *config)
{
    const abx_serial_place serial = { &abx_pl011_chip, host->mmio, ABX_ARM64_SERIAL, ABX_ARM64_SPI_SERIAL };
    const abx_fw_cfg_place fw_cfg = { &abx_fw_cfg_mmio, host->mmio, ABX_ARM64_FW_CFG };
    switch (config->kind) {
    case ABX_DEVICE_SERIAL:
        return abx_serial_new(out, host, &serial, config->serial.input_fd, config->serial.output_fd);
    case ABX_DEVICE_RTC:
        return abx_pl031_new(out, host);
    case ABX_DEVICE_DEBUG_EXIT:
        return abx_debug_exit_new(out, host, host->mmio, ABX_ARM64_DEBUG_EXIT);
    case ABX_DEVICE_FW_CFG:
        return abx_fw_cfg_new(out, host, &fw_cfg, config->fw_cfg.files, config->fw_cfg.count);
    case ABX_DEVICE_PVPANIC:
        return abx_pvpanic_new(out, host, host->mmio, ABX_ARM64_PVPANIC);
    case ABX_DEVICE_POWER_BUTTON:
        return abx_pl061_new(out, host);
    default:
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "make a device of kind %d", (int)config->kind);
    }
}
