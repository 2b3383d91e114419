/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where RAM lies among guest physical addresses. */
#ifndef ABX_SRC_MEMORY_LAYOUT_H
#define ABX_SRC_MEMORY_LAYOUT_H

#include <arcbox/base.h>

typedef struct abx_ram_range {
    abx_gpa gpa;
    uint64_t length;
} abx_ram_range;

enum { ABX_RAM_RANGES = 2 };

/*
 * Lays out `size` bytes of RAM and returns the number of ranges. x86_64: from 0 up to 3 GiB, the rest from 4 GiB, which
 * leaves the last GiB below 4 GiB to devices. ARM64: all of it from 1 GiB on.
 */
size_t abx_memory_layout(abx_arch arch, uint64_t size, abx_ram_range ranges[ABX_RAM_RANGES]);

#endif
