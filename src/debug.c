/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <arcbox/debug.h>

#include "vcpu_internal.h"

static bool is_breakpoint(const abx_breakpoint *b)
{
    if (b->kind == ABX_BREAK_EXECUTE)
        return b->length == 1;
    bool natural = b->length == 1 || b->length == 2 || b->length == 4 || b->length == 8;
    return b->kind <= ABX_BREAK_ACCESS && natural && b->address % b->length == 0;
}

static bool is_config(const abx_debug_config *config)
{
    if (!config)
        return true;
    if (config->size != sizeof(*config) || (config->breakpoint_count && !config->breakpoints))
        return false;
    for (size_t i = 0; i < config->breakpoint_count; i++) {
        if (!is_breakpoint(&config->breakpoints[i]))
            return false;
    }
    return true;
}

abx_status abx_vcpu_set_debug(abx_vcpu *vcpu, const abx_debug_config *config)
{
    static const char operation[] = "set what is debugged";
    const size_t offset = offsetof(abx_backend, vcpu_set_debug);
    abx_status status = abx_vcpu_check(vcpu, is_config(config), ABX_CAP_COUNT, offset, operation);
    if (status == ABX_OK && config && config->single_step)
        status = abx_vcpu_check(vcpu, true, ABX_CAP_SINGLE_STEP, offset, operation);
    if (status == ABX_OK && config && config->breakpoint_count)
        status = abx_vcpu_check(vcpu, true, ABX_CAP_HW_BREAKPOINTS, offset, operation);
    if (status != ABX_OK)
        return status;
    uint32_t limit = abx_hypervisor_capabilities(abx_vm_get_hypervisor(vcpu->vm))->breakpoints;
    if (config && config->breakpoint_count > limit)
        return abx_fail(ABX_ERR_LIMIT, 0, "The capability breakpoints says how many there are.", "set %zu breakpoints",
                        config->breakpoint_count);
    return vcpu->backend->vcpu_set_debug(vcpu->object, config);
}
