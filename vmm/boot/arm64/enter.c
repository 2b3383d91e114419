/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "enter.h"

#include <arcbox/arm64.h>

/* Documentation/arch/arm64/booting.rst, "Before jumping into the kernel". A vCPU's MMU and caches are off by reset. */
abx_status abx_enter_arm64(abx_vcpu *vcpu, const abx_boot_entry *entry)
{
    if (entry->mode != 0) {
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "enter a kernel: processor modes are those of x86_64");
    }
    static const abx_reg names[] = { ABX_ARM64_X(0), ABX_ARM64_X(1), ABX_ARM64_X(2),
                                     ABX_ARM64_X(3), ABX_ARM64_PC,   ABX_ARM64_PSTATE };
    const uint64_t values[] = { entry->info, 0, 0, 0, entry->entry, ABX_ARM64_PSTATE_EL1H };
    return abx_vcpu_write_registers(vcpu, names, values, sizeof(names) / sizeof(names[0]));
}
