/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "devices/debug_exit.h"

#include <stdlib.h>

static uint64_t read_nothing(void *device, uint64_t offset, uint32_t size)
{
    (void)device;
    (void)offset;
    (void)size;
    return 0;
}

static void write_status(void *device, uint64_t offset, uint32_t size, uint64_t value)
{
    abx_device_host *host = device;
    (void)offset;
    (void)size;
    host->finish(host->machine, ABX_END_DEBUG_EXIT, value << 1 | 1, "");
}

static const abx_device_ops ops = { .free = free };

abx_status abx_debug_exit_new(abx_device *out, const abx_device_host *host, abx_bus *bus, uint64_t base)
{
    abx_device_host *self = malloc(sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make the debug-exit register");
    *self = *host;
    const abx_bus_range range = {
        .base = base,
        .length = ABX_DEBUG_EXIT_PORTS,
        .name = "debug-exit",
        .device = self,
        .read = read_nothing,
        .write = write_status,
    };
    abx_status status = abx_bus_add(bus, &range);
    if (status != ABX_OK) {
        free(self);
        return status;
    }
    *out = (abx_device){ &ops, self };
    return ABX_OK;
}
