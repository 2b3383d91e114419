/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A serial port between two descriptors of the caller's: on x86_64 COM1, a 16550A, on ARM64 a PL011.
 *
 * Output is written by the vCPU thread that sends it, so that it is out before the guest goes on; a reader that does
 * not drain makes the guest wait, and nobody else. Input has a thread, which reads only what the receiver has room for.
 * The descriptors' flags are left alone: others may share them.
 */
#ifndef ABX_VMM_DEVICES_SERIAL_H
#define ABX_VMM_DEVICES_SERIAL_H

#include "device.h"
#include "devices/serial_chip.h"

enum { ABX_SERIAL_PORT = 0x3f8, ABX_SERIAL_PORTS = 8, ABX_SERIAL_LINE = 4 }; /* COM1 */

/* Which chip it is, and where. */
typedef struct abx_serial_place {
    const abx_serial_chip *chip;
    abx_bus *bus;
    uint64_t base;
    uint32_t line;
} abx_serial_place;

/*
 * Makes the port and puts it on the bus. `input_fd` and `output_fd` may be -1. Errors: ABX_ERR_EXISTS,
 * ABX_ERR_NO_MEMORY, ABX_ERR_LIMIT, ABX_ERR_SYSTEM.
 */
abx_status abx_serial_new(abx_device *out, const abx_device_host *host, const abx_serial_place *place, int input_fd,
                          int output_fd);

#endif
