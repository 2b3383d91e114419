/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "devices/primecell.h"

uint32_t abx_primecell_id(uint32_t part, uint32_t revision, uint64_t offset)
{
    const uint32_t designer = 'A';
    const uint32_t ids[] = {
        part & 0xff, (designer & 0xf) << 4 | (part >> 8 & 0xf), revision << 4 | designer >> 4, 0, 0x0d, 0xf0, 0x05,
        0xb1,
    };
    uint64_t index = (offset - ABX_PRIMECELL_IDS) / 4;
    return offset % 4 == 0 && index < sizeof(ids) / sizeof(ids[0]) ? ids[index] : 0;
}
