/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A memory balloon: Virtio 1.2, section 5.5. What the guest puts into it or reports free goes back to the host. */
#ifndef ABX_VMM_VIRTIO_BALLOON_H
#define ABX_VMM_VIRTIO_BALLOON_H

#include <arcbox/machine_balloon.h>

#include "device.h"

/*
 * Makes it at `base` with interrupt `line`, paused. `config` has been checked. Errors: those of
 * abx_virtio_server_init(), abx_balloon_memory_init() and, with policy AUTO, abx_balloon_auto_new().
 */
abx_status abx_virtio_balloon_new(abx_device *out, const abx_device_host *host, abx_gpa base, uint32_t line,
                                  const abx_balloon_config *config);

/* For the functions of machine_balloon.h. `balloon` is the device's object. Any thread. */
abx_status abx_virtio_balloon_set_target(void *balloon, uint64_t bytes); /* ABX_ERR_LIMIT */
void abx_virtio_balloon_get_info(void *balloon, abx_balloon_info *info);
abx_status abx_virtio_balloon_ask(void *balloon); /* ABX_ERR_STATE: there is no driver that could answer */
abx_status abx_virtio_balloon_hint(void *balloon, abx_balloon_hinted done, void *payload);
abx_status abx_virtio_balloon_cancel_hint(void *balloon); /* ABX_ERR_STATE: there is no run */

#endif
