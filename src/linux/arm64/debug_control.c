/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "debug_control.h"

/* DBGBCR<n>_EL1 and DBGWCR<n>_EL1 (D19.3): enabled, at EL1 and EL0. */
#define ENABLE           UINT64_C(1)
#define AT_EL1_AND_EL0   (UINT64_C(3) << 1)
#define BYTES_SHIFT      5 /* BAS */
#define ALL_OF_A64       UINT64_C(0xf)
#define ON_LOAD          (UINT64_C(1) << 3) /* LSC */
#define ON_STORE         (UINT64_C(2) << 3)
#define INSTRUCTION_MASK UINT64_C(3)
#define DOUBLEWORD_MASK  UINT64_C(7)

/* Watched bytes are a mask within an aligned doubleword. */
static void watch(struct kvm_guest_debug_arch *registers, uint32_t n, const abx_breakpoint *point)
{
    uint64_t bytes = ((UINT64_C(1) << point->length) - 1) << (point->address & DOUBLEWORD_MASK);
    registers->dbg_wvr[n] = point->address & ~DOUBLEWORD_MASK;
    registers->dbg_wcr[n] =
        ENABLE | AT_EL1_AND_EL0 | ON_STORE | (point->kind == ABX_BREAK_ACCESS ? ON_LOAD : 0) | bytes << BYTES_SHIFT;
}

static void stop_at(struct kvm_guest_debug_arch *registers, uint32_t n, const abx_breakpoint *point)
{
    registers->dbg_bvr[n] = point->address & ~INSTRUCTION_MASK;
    registers->dbg_bcr[n] = ENABLE | AT_EL1_AND_EL0 | ALL_OF_A64 << BYTES_SHIFT;
}

struct kvm_guest_debug abx_debug_encode(const abx_debug_config *config)
{
    struct kvm_guest_debug debug = { 0 };
    if (!config)
        return debug;
    uint32_t breakpoints = 0, watchpoints = 0;
    for (size_t i = 0; i < config->breakpoint_count; i++) {
        const abx_breakpoint *point = &config->breakpoints[i];
        if (point->kind == ABX_BREAK_EXECUTE)
            stop_at(&debug.arch, breakpoints++, point);
        else
            watch(&debug.arch, watchpoints++, point);
    }
    if (config->single_step)
        debug.control |= KVM_GUESTDBG_SINGLESTEP;
    if (config->software_breakpoints)
        debug.control |= KVM_GUESTDBG_USE_SW_BP;
    if (config->breakpoint_count > 0)
        debug.control |= KVM_GUESTDBG_USE_HW;
    if (debug.control)
        debug.control |= KVM_GUESTDBG_ENABLE;
    return debug;
}
