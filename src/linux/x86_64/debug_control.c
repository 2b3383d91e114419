/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "debug_control.h"

enum { DR7 = 7 };

/* DR7's bit 10 is always one; bits 8 and 9 ask for exact data breakpoints. */
#define DR7_FIXED UINT64_C(0x400)
#define DR7_EXACT UINT64_C(0x300)

/* LENn of DR7: 8 bytes came later, hence its place. */
static uint64_t encode_length(uint32_t length)
{
    switch (length) {
    case 2:
        return 1;
    case 4:
        return 3;
    case 8:
        return 2;
    default:
        return 0;
    }
}

/* R/Wn of DR7. */
static uint64_t encode_kind(abx_breakpoint_kind kind)
{
    switch (kind) {
    case ABX_BREAK_WRITE:
        return 1;
    case ABX_BREAK_ACCESS:
        return 3;
    case ABX_BREAK_EXECUTE:
        break;
    }
    return 0;
}

struct kvm_guest_debug abx_debug_encode(const abx_debug_config *config)
{
    struct kvm_guest_debug debug = { 0 };
    if (!config)
        return debug;
    uint64_t dr7 = DR7_FIXED | DR7_EXACT;
    for (unsigned int i = 0; i < config->breakpoint_count; i++) {
        const abx_breakpoint *breakpoint = &config->breakpoints[i];
        debug.arch.debugreg[i] = breakpoint->address;
        dr7 |= UINT64_C(2) << (2 * i); /* Gn */
        dr7 |= (encode_kind(breakpoint->kind) | encode_length(breakpoint->length) << 2) << (16 + 4 * i);
    }
    if (config->single_step)
        debug.control |= KVM_GUESTDBG_SINGLESTEP;
    if (config->software_breakpoints)
        debug.control |= KVM_GUESTDBG_USE_SW_BP;
    if (config->breakpoint_count > 0) {
        debug.control |= KVM_GUESTDBG_USE_HW_BP;
        debug.arch.debugreg[DR7] = dr7;
    }
    if (debug.control)
        debug.control |= KVM_GUESTDBG_ENABLE;
    return debug;
}
