/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A source of random numbers for the guest: Virtio 1.2, section 5.4. */
#ifndef ABX_VMM_VIRTIO_RNG_H
#define ABX_VMM_VIRTIO_RNG_H

#include "device.h"

/* Makes it at `base` with interrupt `line`, paused. Errors: those of abx_virtio_server_init(), ABX_ERR_NO_MEMORY. */
abx_status abx_virtio_rng_new(abx_device *out, const abx_device_host *host, abx_gpa base, uint32_t line);

#endif
