/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which device each kind is on each architecture, and where. */
#ifndef ABX_VMM_MACHINE_DEVICES_H
#define ABX_VMM_MACHINE_DEVICES_H

#include "device.h"

/* Makes the device that `config`, which has been checked, describes. Errors: those of its kind. */
abx_status abx_machine_build_device_x86_64(abx_device *out, const abx_device_host *host,
                                           const abx_device_config *config);
abx_status abx_machine_build_device_arm64(abx_device *out, const abx_device_host *host,
                                          const abx_device_config *config);

#endif
