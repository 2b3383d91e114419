/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A real time clock: Arm's PL031 (PrimeCell RTC, technical reference manual DDI 0224). It shows the host's time in UTC
 * as seconds since 1970, moved by what the guest sets. Like that of x86_64 it has no interrupt: of an alarm that has
 * come its registers tell whoever asks.
 */
#ifndef ABX_VMM_DEVICES_PL031_H
#define ABX_VMM_DEVICES_PL031_H

#include "device.h"

/* Makes it and puts it where arm64.h says. Errors: ABX_ERR_EXISTS, ABX_ERR_NO_MEMORY. */
abx_status abx_pl031_new(abx_device *out, const abx_device_host *host);

#endif
