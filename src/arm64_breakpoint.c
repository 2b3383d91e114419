/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "arm64_breakpoint.h"

#define ENABLE           UINT64_C(1)
#define AT_EL1_AND_EL0   (UINT64_C(3) << 1)
#define BYTES_SHIFT      5 /* BAS */
#define ALL_OF_A64       UINT64_C(0xf)
#define ON_LOAD          (UINT64_C(1) << 3) /* LSC */
#define ON_STORE         (UINT64_C(2) << 3)
#define INSTRUCTION_MASK UINT64_C(3)
#define DOUBLEWORD_MASK  UINT64_C(7)

/* Watched bytes are a mask within an aligned doubleword. */
static abx_arm64_breakpoint watch(const abx_breakpoint *point)
{
    uint64_t bytes = ((UINT64_C(1) << point->length) - 1) << (point->address & DOUBLEWORD_MASK);
    uint64_t accesses = ON_STORE | (point->kind == ABX_BREAK_ACCESS ? ON_LOAD : 0);
    return (abx_arm64_breakpoint){
        .watches = true,
        .value = point->address & ~DOUBLEWORD_MASK,
        .control = ENABLE | AT_EL1_AND_EL0 | accesses | bytes << BYTES_SHIFT,
    };
}

static abx_arm64_breakpoint stop_at(const abx_breakpoint *point)
{
    return (abx_arm64_breakpoint){
        .value = point->address & ~INSTRUCTION_MASK,
        .control = ENABLE | AT_EL1_AND_EL0 | ALL_OF_A64 << BYTES_SHIFT,
    };
}

abx_arm64_breakpoint abx_arm64_breakpoint_encode(const abx_breakpoint *point)
{
    return point->kind == ABX_BREAK_EXECUTE ? stop_at(point) : watch(point);
}
