/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * An address space of device registers: ports or MMIO. Ranges are added while the machine is built; afterwards the
 * table never changes, so that vCPU threads look it up without a lock.
 */
#ifndef ABX_VMM_BUS_H
#define ABX_VMM_BUS_H

#include <arcbox/error.h>
#include <arcbox/exit.h>

/*
 * One device's registers. `offset` counts from base; `size` is 1 to 8 and never reaches past the range's end: an access
 * that does is cut there. Values are little endian, in their lowest `size` bytes. The functions are called by any vCPU
 * thread at any time. A NULL read gives all ones, a NULL write vanishes.
 */
typedef struct abx_bus_range {
    uint64_t base;
    uint64_t length;
    const char *name; /* static storage */
    void *device;
    uint64_t (*read)(void *device, uint64_t offset, uint32_t size);
    void (*write)(void *device, uint64_t offset, uint32_t size, uint64_t value);
} abx_bus_range;

/* All zero is an empty bus. */
typedef struct abx_bus {
    abx_bus_range *ranges; /* ascending */
    size_t count;
} abx_bus;

/*
 * Adds a range. Errors: ABX_ERR_INVALID (empty, or past the end of the address space), ABX_ERR_EXISTS (overlaps
 * another), ABX_ERR_NO_MEMORY.
 */
abx_status abx_bus_add(abx_bus *bus, const abx_bus_range *range);

/* Takes all ranges away. */
void abx_bus_clear(abx_bus *bus);

/* Carries out an exit: all of its elements, in order. Reads that nobody claims give all ones, writes vanish. */
void abx_bus_port_io(const abx_bus *bus, const abx_exit_io *io);
void abx_bus_mmio(const abx_bus *bus, const abx_exit_mmio *mmio);

#endif
