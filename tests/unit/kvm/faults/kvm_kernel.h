/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The fake kernel with enough of a vCPU's state behind it that a whole life succeeds. */
#ifndef TESTS_KVM_KERNEL_H
#define TESTS_KVM_KERNEL_H

#include "../fake/fake_kvm.h"

/* A host with all features, and no VMs yet. */
void kvm_kernel_reset(void);

/* What the architecture has of it: whether it answers `request`, and then 0 or an errno and the call's result. */
void kvm_kernel_reset_arch(void);
bool kvm_kernel_answer_arch(unsigned long request, unsigned long value, int *error, int *result);

#endif
