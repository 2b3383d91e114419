/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_devices.h"

#include "devices/debug_exit.h"
#include "devices/fw_cfg.h"
#include "devices/ged.h"
#include "devices/i8042.h"
#include "devices/pvpanic.h"
#include "devices/rtc.h"
#include "devices/serial.h"
#include "devices/uart.h"

#include <arcbox/memory.h>

/* RAM below and from 4 GiB. */
static abx_status measure_memory(abx_vm *vm, uint64_t *low, uint64_t *high)
{
    abx_memory_info regions[8];
    size_t count = 0;
    abx_status status = abx_memory_list(vm, regions, sizeof(regions) / sizeof(regions[0]), &count);
    if (status != ABX_OK)
        return status;
    *low = *high = 0;
    for (size_t i = 0; i < count && i < sizeof(regions) / sizeof(regions[0]); i++)
        *(regions[i].gpa >> 32 ? high : low) += regions[i].length;
    return ABX_OK;
}

static abx_status build_rtc(abx_device *out, const abx_device_host *host)
{
    uint64_t low, high;
    abx_status status = measure_memory(host->vm, &low, &high);
    return status == ABX_OK ? abx_rtc_new(out, host, low, high) : status;
}

abx_status abx_machine_build_device_x86_64(abx_device *out, const abx_device_host *host,
                                           const abx_device_config *config)
{
    const abx_serial_place com1 = { &abx_uart_chip, host->ports, ABX_SERIAL_PORT, ABX_SERIAL_LINE };
    const abx_fw_cfg_place fw_cfg = { &abx_fw_cfg_ports, host->ports, ABX_FW_CFG_PORT };
    uint16_t debug_exit = config->debug_exit.port ? config->debug_exit.port : ABX_DEBUG_EXIT_PORT;
    switch (config->kind) {
    case ABX_DEVICE_SERIAL:
        return abx_serial_new(out, host, &com1, config->serial.input_fd, config->serial.output_fd);
    case ABX_DEVICE_I8042:
        return abx_i8042_new(out, host);
    case ABX_DEVICE_RTC:
        return build_rtc(out, host);
    case ABX_DEVICE_DEBUG_EXIT:
        return abx_debug_exit_new(out, host, host->ports, debug_exit);
    case ABX_DEVICE_FW_CFG:
        return abx_fw_cfg_new(out, host, &fw_cfg, config->fw_cfg.files, config->fw_cfg.count);
    case ABX_DEVICE_PVPANIC:
        return abx_pvpanic_new(out, host, host->ports, ABX_PVPANIC_PORT);
    case ABX_DEVICE_POWER_BUTTON:
        return abx_ged_new(out, host);
    default:
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "make a device of kind %d", (int)config->kind);
    }
}
