/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A console and its ports: Virtio 1.2, section 5.3. */
#ifndef ABX_VMM_VIRTIO_CONSOLE_H
#define ABX_VMM_VIRTIO_CONSOLE_H

#include "device.h"

/*
 * Makes the device that `config`, which has been checked, describes, at `base` with interrupt `line`, paused. Names are
 * copied. Errors: those of abx_virtio_worker_start(), abx_virtio_mmio_new() and abx_stream_open(), ABX_ERR_NO_MEMORY.
 */
abx_status abx_virtio_console_new(abx_device *out, const abx_device_host *host, abx_gpa base, uint32_t line,
                                  const abx_console_config *config);

/* Tells the guest of a new size. False: `device` is no console, or its port is none. Any thread. */
bool abx_virtio_console_resize(const abx_device *device, uint32_t port, uint16_t columns, uint16_t rows);

#endif
