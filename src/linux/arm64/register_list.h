/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The registers that a vCPU has, as KVM lists them. */
#ifndef ABX_SRC_LINUX_ARM64_REGISTER_LIST_H
#define ABX_SRC_LINUX_ARM64_REGISTER_LIST_H

#include "linux/kvm_backend.h"

/* KVM_GET_REG_LIST, for free(). Errors: ABX_ERR_NO_MEMORY, and as abx_kvm_check(). */
abx_status abx_register_list(const abx_kvm_vcpu *vcpu, struct kvm_reg_list **out);

#endif
