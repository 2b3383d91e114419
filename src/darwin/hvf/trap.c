/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trap.h"

bool abx_hvf_trap(abx_hvf_vcpu *vcpu, const abx_sysreg_access *access, uint64_t *value)
{
    uint64_t *kept = vcpu->debug.on ? abx_debug_register(&vcpu->debug.guest, access->number) : NULL;
    if (!kept) {
        uint64_t constant;
        if (!abx_trap_constant(access->number, &constant))
            return false;
        *value = access->read ? constant : *value;
        return true;
    }
    if (access->read)
        *value = *kept;
    else
        *kept = *value;
    return true;
}
