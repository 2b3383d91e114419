/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is behind an abx_kernel. */
#ifndef ABX_BOOT_KERNEL_H
#define ABX_BOOT_KERNEL_H

#include <arcbox/boot.h>

#include "runs.h"
#include "x86_64/bzimage.h"

struct abx_kernel {
    abx_kernel_info info;
    abx_source image; /* what the runs are read from: the file itself, or the unpacked one */
    abx_runs runs;
    abx_setup_header setup;   /* LINUX on x86_64 */
    uint32_t multiboot_flags; /* MULTIBOOT */
    abx_flat_mode mode;       /* FLAT on x86_64 */
    char path[];
};

#endif
