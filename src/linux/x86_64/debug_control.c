/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "debug_control.h"

#include <inttypes.h>

enum { DR7 = 7 };
enum { EXECUTE = 0, WRITE = 1, ACCESS = 3 }; /* R/Wn of DR7 */

/* DR7's bit 10 is always one; bits 8 and 9 ask for exact data breakpoints. */
#define DR7_FIXED UINT64_C(0x400)
#define DR7_EXACT UINT64_C(0x300)

/* LENn of DR7; false for other lengths. */
static bool encode_length(uint32_t length, uint64_t *code)
{
    switch (length) {
    case 1:
        *code = 0;
        return true;
    case 2:
        *code = 1;
        return true;
    case 4:
        *code = 3;
        return true;
    case 8:
        *code = 2;
        return true;
    default:
        return false;
    }
}

static bool encode_kind(abx_breakpoint_kind kind, uint64_t *code)
{
    switch (kind) {
    case ABX_BREAK_EXECUTE:
        *code = EXECUTE;
        return true;
    case ABX_BREAK_WRITE:
        *code = WRITE;
        return true;
    case ABX_BREAK_ACCESS:
        *code = ACCESS;
        return true;
    }
    return false;
}

static abx_status encode_breakpoint(uint64_t *dr7, const abx_breakpoint *breakpoint, unsigned int number)
{
    uint64_t kind, length;
    if (!encode_kind(breakpoint->kind, &kind))
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "set a breakpoint of kind %d", (int)breakpoint->kind);
    if (!encode_length(breakpoint->length, &length) || (kind == EXECUTE && breakpoint->length != 1))
        return abx_fail(ABX_ERR_INVALID, 0, "1 for instructions; 1, 2, 4 or 8 for data",
                        "set a breakpoint of length %" PRIu32, breakpoint->length);
    if (breakpoint->address % breakpoint->length != 0)
        return abx_fail(ABX_ERR_INVALID, 0, "a watched address is a multiple of its length",
                        "set a breakpoint at %#" PRIx64, breakpoint->address);
    *dr7 |= UINT64_C(2) << (2 * number); /* Gn */
    *dr7 |= (kind | length << 2) << (16 + 4 * number);
    return ABX_OK;
}

abx_status abx_debug_encode(struct kvm_guest_debug *debug, const abx_debug_config *config)
{
    struct kvm_guest_debug result = { 0 };
    if (!config) {
        *debug = result;
        return ABX_OK;
    }
    if (config->breakpoint_count > ABX_DEBUG_REGISTERS)
        return abx_fail(ABX_ERR_LIMIT, 0, "a vCPU has 4 of them", "set %zu breakpoints", config->breakpoint_count);
    uint64_t dr7 = DR7_FIXED | DR7_EXACT;
    for (unsigned int i = 0; i < config->breakpoint_count; i++) {
        abx_status status = encode_breakpoint(&dr7, &config->breakpoints[i], i);
        if (status != ABX_OK)
            return status;
        result.arch.debugreg[i] = config->breakpoints[i].address;
    }
    if (config->single_step)
        result.control |= KVM_GUESTDBG_SINGLESTEP;
    if (config->software_breakpoints)
        result.control |= KVM_GUESTDBG_USE_SW_BP;
    if (config->breakpoint_count > 0) {
        result.control |= KVM_GUESTDBG_USE_HW_BP;
        result.arch.debugreg[DR7] = dr7;
    }
    if (result.control)
        result.control |= KVM_GUESTDBG_ENABLE;
    *debug = result;
    return ABX_OK;
}
