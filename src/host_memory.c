/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "host_memory.h"

#include <arcbox/config.h>

#define MIB UINT64_C(0x100000)

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t abx_memory_share(uint64_t bytes)
{
    uint64_t share = bytes / 2;
    if (share < 512 * MIB)
        share = 512 * MIB;
    share = smaller(share, 16384 * MIB);
    share = smaller(share, bytes) / MIB * MIB;
    return share ? share : MIB;
}

uint64_t abx_default_memory_size(void)
{
    return abx_memory_share(abx_host_memory_size());
}
