/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "bus.h"

#include <stdlib.h>
#include <string.h>

/* The index of the first range that begins above `address`. */
static size_t first_above(const abx_bus *bus, uint64_t address)
{
    size_t low = 0, high = bus->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (bus->ranges[middle].base > address)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static const abx_bus_range *find(const abx_bus *bus, uint64_t address)
{
    size_t above = first_above(bus, address);
    if (above == 0)
        return NULL;
    const abx_bus_range *range = &bus->ranges[above - 1];
    return address - range->base < range->length ? range : NULL;
}

abx_status abx_bus_add(abx_bus *bus, const abx_bus_range *range)
{
    if (range->length == 0 || range->base + (range->length - 1) < range->base)
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "put %s at %#llx", range->name, (unsigned long long)range->base);
    size_t place = first_above(bus, range->base);
    const abx_bus_range *other = find(bus, range->base);
    if (!other && place < bus->count && bus->ranges[place].base - range->base < range->length)
        other = &bus->ranges[place];
    if (other)
        return abx_fail(ABX_ERR_EXISTS, 0, "Two devices cannot share an address.", "put %s at %#llx, where %s is",
                        range->name, (unsigned long long)range->base, other->name);

    abx_bus_range *ranges = realloc(bus->ranges, (bus->count + 1) * sizeof(*ranges));
    if (!ranges)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make room for the registers of %s", range->name);
    memmove(&ranges[place + 1], &ranges[place], (bus->count - place) * sizeof(*ranges));
    ranges[place] = *range;
    bus->ranges = ranges;
    bus->count++;
    return ABX_OK;
}

void abx_bus_clear(abx_bus *bus)
{
    free(bus->ranges);
    *bus = (abx_bus){ 0 };
}

/* One element. Guests and hosts are little endian, so that its bytes are the low bytes of a value. */
static void transfer(const abx_bus_range *range, uint64_t address, uint32_t size, abx_direction direction, void *data)
{
    uint64_t offset = address - range->base;
    uint32_t inside = size <= range->length - offset ? size : (uint32_t)(range->length - offset);
    uint64_t value = 0;
    if (direction == ABX_WRITE) {
        memcpy(&value, data, inside);
        if (range->write)
            range->write(range->device, offset, inside, value);
    } else if (range->read) {
        value = range->read(range->device, offset, inside);
        memcpy(data, &value, inside);
    }
}

void abx_bus_port_io(const abx_bus *bus, const abx_exit_io *io)
{
    const abx_bus_range *range = find(bus, io->port);
    if (io->direction == ABX_READ)
        memset(io->data, 0xff, (size_t)io->size * io->count);
    if (!range)
        return;
    uint8_t *element = io->data;
    for (uint32_t i = 0; i < io->count; i++, element += io->size)
        transfer(range, io->port, io->size, (abx_direction)io->direction, element);
}

void abx_bus_mmio(const abx_bus *bus, const abx_exit_mmio *mmio)
{
    const abx_bus_range *range = find(bus, mmio->address);
    if (mmio->direction == ABX_READ)
        memset(mmio->data, 0xff, mmio->size);
    if (range)
        transfer(range, mmio->address, mmio->size, (abx_direction)mmio->direction, mmio->data);
}
