/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* QEMU's isa-debug-exit: a write of v ends the machine with status (v << 1) | 1. */
#ifndef ABX_VMM_DEVICES_DEBUG_EXIT_H
#define ABX_VMM_DEVICES_DEBUG_EXIT_H

#include "device.h"

enum { ABX_DEBUG_EXIT_PORT = 0xf4, ABX_DEBUG_EXIT_PORTS = 4 }; /* on x86_64, unless it is wanted elsewhere */

/* Makes it and puts it at `base` of the bus. Errors: ABX_ERR_EXISTS, ABX_ERR_NO_MEMORY. */
abx_status abx_debug_exit_new(abx_device *out, const abx_device_host *host, abx_bus *bus, uint64_t base);

#endif
