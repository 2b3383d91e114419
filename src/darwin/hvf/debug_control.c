/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "arm64_breakpoint.h"
#include "debug_registers.h"
#include "sysreg_table.h"

/* MDSCR_EL1. */
#define STEP   UINT64_C(1)
#define EVENTS (UINT64_C(1) << 15) /* MDE: breakpoints and watchpoints */

static void put(abx_arm64_breakpoint encoded, uint64_t *values, uint64_t *controls, uint32_t n)
{
    values[n] = encoded.value;
    controls[n] = encoded.control;
}

abx_debug_registers abx_debug_encode(const abx_debug_config *config)
{
    abx_debug_registers registers = { .mdscr = (config->single_step ? STEP : 0) |
                                               (config->breakpoint_count > 0 ? EVENTS : 0) };
    uint32_t breakpoints = 0, watchpoints = 0;
    for (size_t i = 0; i < config->breakpoint_count; i++) {
        abx_arm64_breakpoint encoded = abx_arm64_breakpoint_encode(&config->breakpoints[i]);
        if (encoded.watches)
            put(encoded, registers.wvr, registers.wcr, watchpoints++);
        else
            put(encoded, registers.bvr, registers.bcr, breakpoints++);
    }
    return registers;
}

uint64_t *abx_debug_register(abx_debug_registers *registers, uint32_t number)
{
    enum { OP2_BVR = 4, OP2_BCR, OP2_WVR, OP2_WCR };
    if (number == ABX_SYSREG_MDSCR_EL1)
        return &registers->mdscr;
    uint32_t n = number >> 3 & 0xf; /* CRm */
    uint32_t op2 = number & 7;
    if (number != ABX_ARM64_SYSREG_NUMBER(2, 0, 0, n, op2))
        return NULL;
    switch (op2) {
    case OP2_BVR:
        return &registers->bvr[n];
    case OP2_BCR:
        return &registers->bcr[n];
    case OP2_WVR:
        return &registers->wvr[n];
    case OP2_WCR:
        return &registers->wcr[n];
    default:
        return NULL;
    }
}
