/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "debug_control.h"
#include "arm64_breakpoint.h"

static void put(abx_arm64_breakpoint encoded, __u64 *values, __u64 *controls, uint32_t n)
{
    values[n] = encoded.value;
    controls[n] = encoded.control;
}

struct kvm_guest_debug abx_debug_encode(const abx_debug_config *config)
{
    struct kvm_guest_debug debug = { 0 };
    if (!config)
        return debug;
    uint32_t breakpoints = 0, watchpoints = 0;
    for (size_t i = 0; i < config->breakpoint_count; i++) {
        abx_arm64_breakpoint encoded = abx_arm64_breakpoint_encode(&config->breakpoints[i]);
        if (encoded.watches)
            put(encoded, debug.arch.dbg_wvr, debug.arch.dbg_wcr, watchpoints++);
        else
            put(encoded, debug.arch.dbg_bvr, debug.arch.dbg_bcr, breakpoints++);
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
