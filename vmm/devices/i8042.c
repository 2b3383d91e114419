/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "devices/i8042.h"

#include <stdatomic.h>
#include <stdlib.h>

enum {
    STATUS_OUTPUT_FULL = 0x01, /* a byte can be read at port 0x60; bit 1, always clear: a command can be written */
    COMMAND_RESET = 0xfe,
    /*
     * A driver that looks for a keyboard empties the output buffer first. It finds more bytes than any controller
     * holds (Linux gives up after 16) and concludes that there is none, instead of waiting for answers. A guest that
     * only wants the buffer empty before it resets gets there.
     */
    LEFTOVER_BYTES = 32,
};

typedef struct i8042 {
    abx_device_host host;
    atomic_uint leftover;
} i8042;

static uint64_t read_status(void *device, uint64_t offset, uint32_t size)
{
    i8042 *self = device;
    (void)offset;
    (void)size;
    return atomic_load_explicit(&self->leftover, memory_order_relaxed) > 0 ? STATUS_OUTPUT_FULL : 0;
}

static uint64_t read_data(void *device, uint64_t offset, uint32_t size)
{
    i8042 *self = device;
    (void)offset;
    (void)size;
    unsigned left = atomic_load_explicit(&self->leftover, memory_order_relaxed);
    while (left > 0 && !atomic_compare_exchange_weak_explicit(&self->leftover, &left, left - 1, memory_order_relaxed,
                                                              memory_order_relaxed))
        ;
    return 0;
}

static void write_command(void *device, uint64_t offset, uint32_t size, uint64_t value)
{
    i8042 *self = device;
    (void)offset;
    (void)size;
    if ((uint8_t)value == COMMAND_RESET)
        self->host.finish(self->host.machine, ABX_END_RESET, 0, "keyboard controller");
}

static const abx_device_ops ops = { .free = free };

abx_status abx_i8042_new(abx_device *out, const abx_device_host *host)
{
    i8042 *self = malloc(sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make the keyboard controller");
    self->host = *host;
    atomic_init(&self->leftover, LEFTOVER_BYTES);
    const abx_bus_range data = {
        .base = ABX_I8042_DATA, .length = 1, .name = "i8042 data port", .device = self, .read = read_data
    };
    const abx_bus_range command = { .base = ABX_I8042_COMMAND,
                                    .length = 1,
                                    .name = "i8042 command port",
                                    .device = self,
                                    .read = read_status,
                                    .write = write_command };
    abx_status status = abx_bus_add(host->ports, &data);
    if (status == ABX_OK)
        status = abx_bus_add(host->ports, &command);
    if (status != ABX_OK) {
        free(self);
        return status;
    }
    *out = (abx_device){ &ops, self };
    return ABX_OK;
}
