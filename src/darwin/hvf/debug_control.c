/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "debug_registers.h"
#include "sysreg_table.h"

/* MDSCR_EL1. */
#define STEP   UINT64_C(1)
#define EVENTS (UINT64_C(1) << 15) /* MDE: breakpoints and watchpoints */

/* DBGBCR<n>_EL1 and DBGWCR<n>_EL1: enabled, at EL1 and EL0. */
#define ENABLE           UINT64_C(1)
#define AT_EL1_AND_EL0   (UINT64_C(3) << 1)
#define BYTES_SHIFT      5 /* BAS */
#define ALL_OF_A64       UINT64_C(0xf)
#define ON_LOAD          (UINT64_C(1) << 3) /* LSC */
#define ON_STORE         (UINT64_C(2) << 3)
#define INSTRUCTION_MASK UINT64_C(3)
#define DOUBLEWORD_MASK  UINT64_C(7)

/* Watched bytes are a mask within an aligned doubleword. */
static void watch(abx_debug_registers *registers, uint32_t n, const abx_breakpoint *point)
{
    uint64_t bytes = ((UINT64_C(1) << point->length) - 1) << (point->address & DOUBLEWORD_MASK);
    registers->wvr[n] = point->address & ~DOUBLEWORD_MASK;
    registers->wcr[n] =
        ENABLE | AT_EL1_AND_EL0 | ON_STORE | (point->kind == ABX_BREAK_ACCESS ? ON_LOAD : 0) | bytes << BYTES_SHIFT;
}

static void stop_at(abx_debug_registers *registers, uint32_t n, const abx_breakpoint *point)
{
    registers->bvr[n] = point->address & ~INSTRUCTION_MASK;
    registers->bcr[n] = ENABLE | AT_EL1_AND_EL0 | ALL_OF_A64 << BYTES_SHIFT;
}

abx_debug_registers abx_debug_encode(const abx_debug_config *config)
{
    abx_debug_registers registers = { .mdscr = (config->single_step ? STEP : 0) |
                                               (config->breakpoint_count > 0 ? EVENTS : 0) };
    uint32_t breakpoints = 0, watchpoints = 0;
    for (size_t i = 0; i < config->breakpoint_count; i++) {
        const abx_breakpoint *point = &config->breakpoints[i];
        if (point->kind == ABX_BREAK_EXECUTE)
            stop_at(&registers, breakpoints++, point);
        else
            watch(&registers, watchpoints++, point);
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
