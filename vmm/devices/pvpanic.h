/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* QEMU's pvpanic register (QEMU docs/specs/pvpanic): the guest tells that it panicked. */
#ifndef ABX_VMM_DEVICES_PVPANIC_H
#define ABX_VMM_DEVICES_PVPANIC_H

#include "device.h"

enum { ABX_PVPANIC_PORT = 0x505 }; /* on x86_64 */

/* Makes it and puts it at `base` of the bus. Errors: ABX_ERR_EXISTS, ABX_ERR_NO_MEMORY. */
abx_status abx_pvpanic_new(abx_device *out, const abx_device_host *host, abx_bus *bus, uint64_t base);

#endif
