/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* QEMU's isa-debug-exit: a write of v ends the machine with status (v << 1) | 1. */
#ifndef ABX_VMM_DEVICES_DEBUG_EXIT_H
#define ABX_VMM_DEVICES_DEBUG_EXIT_H

#include "device.h"

enum { ABX_DEBUG_EXIT_PORT = 0xf4, ABX_DEBUG_EXIT_PORTS = 4 };

/* Makes it and puts it on the bus; port 0 stands for the usual one. Errors: ABX_ERR_EXISTS, ABX_ERR_NO_MEMORY. */
abx_status abx_debug_exit_new(abx_device *out, const abx_device_host *host, uint16_t port);

#endif
