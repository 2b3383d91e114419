/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "devices/acpi_pm.h"

#include <stdlib.h>

enum {
    SLEEP_ENABLE = 0x20,
    SLEEP_TYPE_SHIFT = 2,
    SLEEP_TYPE_MASK = 0x07,
};

/* No bit is ever set: the machine has no sleep to wake from. */
static uint64_t read_nothing(void *device, uint64_t offset, uint32_t size)
{
    (void)device;
    (void)offset;
    (void)size;
    return 0;
}

static void write_byte(const abx_device_host *host, uint64_t port, uint8_t value)
{
    switch (port) {
    case ABX_ACPI_SLEEP_CONTROL:
        if ((value & SLEEP_ENABLE) && ((value >> SLEEP_TYPE_SHIFT) & SLEEP_TYPE_MASK) == ABX_ACPI_SLEEP_TYPE_OFF)
            host->finish(host->machine, ABX_END_SHUTDOWN, 0, "ACPI");
        break;
    case ABX_ACPI_RESET:
        if (value == ABX_ACPI_RESET_VALUE)
            host->finish(host->machine, ABX_END_RESET, 0, "ACPI");
        break;
    default:
        break;
    }
}

static void write_bytes(void *device, uint64_t offset, uint32_t size, uint64_t value)
{
    for (uint32_t i = 0; i < size; i++)
        write_byte(device, ABX_ACPI_SLEEP_STATUS + offset + i, (uint8_t)(value >> (8 * i)));
}

static const abx_device_ops ops = { .free = free };

abx_status abx_acpi_pm_new(abx_device *out, const abx_device_host *host)
{
    abx_device_host *self = malloc(sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make the ACPI registers");
    *self = *host;
    const abx_bus_range range = {
        .base = ABX_ACPI_SLEEP_STATUS,
        .length = ABX_ACPI_RESET - ABX_ACPI_SLEEP_STATUS + 1,
        .name = "ACPI registers",
        .device = self,
        .read = read_nothing,
        .write = write_bytes,
    };
    abx_status status = abx_bus_add(host->ports, &range);
    if (status != ABX_OK) {
        free(self);
        return status;
    }
    *out = (abx_device){ &ops, self };
    return ABX_OK;
}
