/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The boot processor's registers at a kernel's first instruction. */
#ifndef ABX_BOOT_ARM64_ENTER_H
#define ABX_BOOT_ARM64_ENTER_H

#include <arcbox/boot.h>

/* As abx_boot_enter(). */
abx_status abx_enter_arm64(abx_vcpu *vcpu, const abx_boot_entry *entry) ABX_MUST_CHECK;

#endif
