/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/disk_engine.h"

abx_status abx_disk_engine_open(abx_disk_engine **out, const abx_disk *disk, uint32_t depth, const abx_wakeup *bell)
{
    return abx_disk_threads.open(out, disk, depth, bell);
}
