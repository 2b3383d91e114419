/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Breakpoints as the debug registers take them (SDM vol. 3, 17.2). Pure: no system calls. */
#ifndef ABX_SRC_LINUX_X86_64_DEBUG_CONTROL_H
#define ABX_SRC_LINUX_X86_64_DEBUG_CONTROL_H

#include <arcbox/debug.h>
#include <linux/kvm.h>

enum { ABX_DEBUG_REGISTERS = 4 }; /* DR0 to DR3 */

/*
 * Fills in `*debug` for KVM_SET_GUEST_DEBUG. NULL for `config` ends debugging. Errors, `*debug` untouched:
 * ABX_ERR_INVALID (length, alignment, kind), ABX_ERR_LIMIT (more than four breakpoints).
 */
abx_status abx_debug_encode(struct kvm_guest_debug *debug, const abx_debug_config *config);

#endif
