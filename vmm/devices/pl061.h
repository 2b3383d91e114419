/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Eight general purpose lines: Arm's PL061 (PrimeCell GPIO, technical reference manual DDI 0190). Line 3 is the power
 * button; what the guest puts out on the others leads nowhere.
 */
#ifndef ABX_VMM_DEVICES_PL061_H
#define ABX_VMM_DEVICES_PL061_H

#include "device.h"

enum { ABX_PL061_POWER_BUTTON = 3 };

/* Makes it and puts it where arm64.h says. Errors: ABX_ERR_EXISTS, ABX_ERR_NO_MEMORY. */
abx_status abx_pl061_new(abx_device *out, const abx_device_host *host);

/*
 * Presses the power button. It is let go as soon as the guest has read that it is pressed: drivers look a while after
 * the interrupt. Any thread.
 */
void abx_pl061_press(const abx_device *device);

#endif
