/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Breakpoints and watchpoints as the debug registers take them (DDI 0487, D2.9 and D2.10). Pure: no system calls. */
#ifndef ABX_SRC_LINUX_ARM64_DEBUG_CONTROL_H
#define ABX_SRC_LINUX_ARM64_DEBUG_CONTROL_H

#include <arcbox/debug.h>
#include <linux/kvm.h>

/* What KVM_SET_GUEST_DEBUG takes for `config`, which is valid and has at most KVM_ARM_MAX_DBG_REGS breakpoints. NULL
 * ends debugging. */
struct kvm_guest_debug abx_debug_encode(const abx_debug_config *config);

#endif
