/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is newer than some distributions' <linux/kvm.h> and <asm/kvm.h>. */
#ifndef ABX_SRC_LINUX_ARM64_UAPI_H
#define ABX_SRC_LINUX_ARM64_UAPI_H

#include <linux/kvm.h>

#ifndef KVM_CAP_ARM_EL2
#define KVM_CAP_ARM_EL2 240
#endif

#ifndef KVM_ARM_VCPU_HAS_EL2
#define KVM_ARM_VCPU_HAS_EL2 7
#endif

#ifndef KVM_ARM_VM_SMCCC_CTRL
#define KVM_ARM_VM_SMCCC_CTRL   0
#define KVM_ARM_VM_SMCCC_FILTER 0
enum { KVM_SMCCC_FILTER_FWD_TO_USER = 2 };
struct kvm_smccc_filter {
    __u32 base;
    __u32 nr_functions;
    __u8 action;
    __u8 pad[15];
};
#endif

#endif
