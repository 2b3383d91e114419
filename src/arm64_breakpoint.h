/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Breakpoints and watchpoints as ARM64's debug registers take them (DDI 0487, D2.9, D2.10 and D19.3). Pure. */
#ifndef ABX_SRC_ARM64_BREAKPOINT_H
#define ABX_SRC_ARM64_BREAKPOINT_H

#include <arcbox/debug.h>

typedef struct abx_arm64_breakpoint {
    bool watches;     /* DBGWVR and DBGWCR, otherwise DBGBVR and DBGBCR */
    uint64_t value;   /* DBGBVR<n>_EL1 or DBGWVR<n>_EL1 */
    uint64_t control; /* DBGBCR<n>_EL1 or DBGWCR<n>_EL1: enabled, at EL1 and EL0 */
} abx_arm64_breakpoint;

/* `point` is valid. */
abx_arm64_breakpoint abx_arm64_breakpoint_encode(const abx_breakpoint *point);

#endif
