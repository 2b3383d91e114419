/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The product's vcpu.c, but it enters the fake: the genuine entry is a bare instruction. */
#include "fake_vcpu.h"

#define abx_kvm_arch_enter fake_enter
#include "linux/vcpu.c"
