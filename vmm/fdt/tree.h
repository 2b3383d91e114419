/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The device tree of an ARM64 machine, without what boot adds to it: memory, command line, initrd and seeds. */
#ifndef ABX_VMM_FDT_TREE_H
#define ABX_VMM_FDT_TREE_H

#include "fdt/status.h"

#include <arcbox/base.h>

/* The interrupt controllers of a VM. */
typedef struct abx_fdt_gic {
    uint32_t version; /* 2 or 3; 0: none, and then no device has an interrupt */
    bool has_its;     /* version 3 */
} abx_fdt_gic;

/* What there is; where it is says arm64.h. */
typedef struct abx_fdt_platform {
    uint32_t cpus;
    abx_fdt_gic gic;
    bool pmu; /* performance monitors */
    bool serial;
    bool rtc;
    bool power_button;
    bool fw_cfg;
    bool pvpanic;
    uint32_t virtio_count;
    bool virtio_edges; /* their interrupts are edges, not levels */
} abx_fdt_platform;

/* Builds it in memory of its own; on success `*tree` is the caller's: free(). Errors: ABX_ERR_NO_MEMORY, ABX_ERR_LIMIT
 * (more CPUs than 2 MiB can describe). */
abx_status abx_fdt_build(const abx_fdt_platform *platform, void **tree, size_t *size) ABX_MUST_CHECK;

#endif
