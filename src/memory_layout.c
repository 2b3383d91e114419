/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_layout.h"

static const uint64_t GIB = UINT64_C(1) << 30;

size_t abx_memory_layout(abx_arch arch, uint64_t size, abx_ram_range ranges[ABX_RAM_RANGES])
{
    if (size == 0) {
        return 0;
    }
    if (arch == ABX_ARCH_HOST) {
        arch = abx_host_arch();
    }
    if (arch == ABX_ARCH_ARM64) {
        ranges[0] = (abx_ram_range){ .gpa = GIB, .length = size };
        return 1;
    }
    uint64_t low = size < 3 * GIB ? size : 3 * GIB;
    ranges[0] = (abx_ram_range){ .gpa = 0, .length = low };
    ranges[1] = (abx_ram_range){ .gpa = 4 * GIB, .length = size - low };
    return size > low ? 2 : 1;
}
