/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/disk_ring.h"

abx_status abx_disk_engine_open(abx_disk_engine **out, const abx_disk *disk, uint32_t depth, const abx_wakeup *bell)
{
    abx_status status = abx_disk_ring.open(out, disk, depth, bell);
    return status == ABX_ERR_NOT_SUPPORTED ? abx_disk_threads.open(out, disk, depth, bell) : status;
}
