/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* libfdt's errors in our words. */
#ifndef ABX_VMM_FDT_STATUS_H
#define ABX_VMM_FDT_STATUS_H

#include <arcbox/error.h>

/* Linux takes no larger device tree (Documentation/arch/arm64/booting.rst, section 2). */
enum { ABX_FDT_MAX = 2 << 20 };

/*
 * Records and returns what `error` of libfdt (negative) stands for: ABX_ERR_LIMIT (no room), ABX_ERR_FORMAT (the tree
 * is damaged). ABX_OK for 0 and what is above.
 */
abx_status abx_fdt_status(int error, const char *operation) ABX_MUST_CHECK;

#endif
