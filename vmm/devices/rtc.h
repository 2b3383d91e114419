/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A real time clock with CMOS memory: Motorola MC146818A at ports 0x70 (index) and 0x71 (data). It shows the host's
 * time in UTC, moved by what the guest sets. It has no interrupt. CMOS tells the memory size where PC firmware does.
 */
#ifndef ABX_VMM_DEVICES_RTC_H
#define ABX_VMM_DEVICES_RTC_H

#include "device.h"

enum { ABX_RTC_PORT = 0x70, ABX_RTC_PORTS = 2, ABX_RTC_CENTURY = 0x32 };

/*
 * Makes it and puts it on the bus. `low_memory` is the RAM in bytes from 0 up to the hole below 4 GiB, `high_memory`
 * that from 4 GiB on. Errors: ABX_ERR_EXISTS, ABX_ERR_NO_MEMORY.
 */
abx_status abx_rtc_new(abx_device *out, const abx_device_host *host, uint64_t low_memory, uint64_t high_memory);

#endif
