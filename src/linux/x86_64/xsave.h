/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The size of XSAVE states. */
#ifndef ABX_SRC_LINUX_X86_64_XSAVE_H
#define ABX_SRC_LINUX_X86_64_XSAVE_H

#include "linux/kvm_backend.h"

/*
 * Bytes of the state of a vCPU of `vm`: more than 4096 if features are in use that the process asked the kernel for.
 * Errors: as abx_kvm_check().
 */
abx_status abx_xsave_size(const abx_kvm_vm *vm, size_t *size);

#endif
