/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "arch.h"

const abx_boot_arch *abx_boot_arch_of(abx_arch arch)
{
    switch (arch == ABX_ARCH_HOST ? abx_host_arch() : arch) {
    case ABX_ARCH_X86_64:
        return &abx_boot_x86_64;
    case ABX_ARCH_ARM64:
        return &abx_boot_arm64;
    default:
        return NULL;
    }
}

abx_status abx_boot_enter(abx_vcpu *vcpu, const abx_boot_entry *entry)
{
    const abx_boot_arch *arch = entry ? abx_boot_arch_of(entry->arch) : NULL;
    if (!vcpu || !arch || (unsigned)entry->kind > ABX_IMAGE_ELF) {
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "enter a kernel");
    }
    return arch->enter(vcpu, entry);
}
