/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Breakpoints as the debug registers take them (SDM vol. 3, 17.2). Pure: no system calls. */
#ifndef ABX_SRC_LINUX_X86_64_DEBUG_CONTROL_H
#define ABX_SRC_LINUX_X86_64_DEBUG_CONTROL_H

#include <arcbox/debug.h>
#include <linux/kvm.h>

/* What KVM_SET_GUEST_DEBUG takes for `config`, which is valid and has at most four breakpoints. NULL ends debugging. */
struct kvm_guest_debug abx_debug_encode(const abx_debug_config *config);

#endif
