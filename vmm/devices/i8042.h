/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The part of the i8042 keyboard controller that guests need to reset the machine: command 0xfe at port 0x64 (IBM PS/2
 * Hardware Interface Technical Reference, keyboard and auxiliary device controller). There is no keyboard and no mouse.
 */
#ifndef ABX_VMM_DEVICES_I8042_H
#define ABX_VMM_DEVICES_I8042_H

#include "device.h"

enum { ABX_I8042_DATA = 0x60, ABX_I8042_COMMAND = 0x64 };

/* Makes it and puts it on the bus. Errors: ABX_ERR_EXISTS, ABX_ERR_NO_MEMORY. */
abx_status abx_i8042_new(abx_device *out, const abx_device_host *host);

#endif
