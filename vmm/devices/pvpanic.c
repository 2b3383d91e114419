/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "devices/pvpanic.h"

#include <stdlib.h>

enum {
    PANICKED = 0x01,
    CRASH_LOADED = 0x02, /* it panicked and goes on with its crash kernel */
    SUPPORTED = PANICKED | CRASH_LOADED,
};

static uint64_t read_supported(void *device, uint64_t offset, uint32_t size)
{
    (void)device;
    (void)offset;
    (void)size;
    return SUPPORTED;
}

static void write_events(void *device, uint64_t offset, uint32_t size, uint64_t value)
{
    abx_device_host *host = device;
    (void)offset;
    (void)size;
    uint8_t events = (uint8_t)value & SUPPORTED;
    if (events & PANICKED)
        host->finish(host->machine, ABX_END_PANIC, events, "the guest panicked");
    else if (events & CRASH_LOADED)
        host->tell(host->machine, ABX_EVENT_GUEST_PANIC, events, "the guest panicked and runs its crash kernel");
}

static const abx_device_ops ops = { .free = free };

abx_status abx_pvpanic_new(abx_device *out, const abx_device_host *host, abx_bus *bus, uint64_t base)
{
    abx_device_host *self = malloc(sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make the pvpanic register");
    *self = *host;
    const abx_bus_range range = {
        .base = base,
        .length = 1,
        .name = "pvpanic",
        .device = self,
        .read = read_supported,
        .write = write_events,
    };
    abx_status status = abx_bus_add(bus, &range);
    if (status != ABX_OK) {
        free(self);
        return status;
    }
    *out = (abx_device){ &ops, self };
    return ABX_OK;
}
