/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One class of registers out of a batch of names that are all known. Readers fill in the values of their class and
 * leave the others; writers store their class's values or, if one fails, none.
 */
#ifndef ABX_SRC_LINUX_X86_64_REGISTER_CLASS_H
#define ABX_SRC_LINUX_X86_64_REGISTER_CLASS_H

#include "linux/kvm_registers.h"

/* register_class.c */
abx_status abx_x86_read_general(abx_kvm_vcpu *vcpu, const abx_reg *names, uint64_t *values, size_t count);
abx_status abx_x86_write_general(abx_kvm_vcpu *vcpu, const abx_reg *names, const uint64_t *values, size_t count);
abx_status abx_x86_read_system(abx_kvm_vcpu *vcpu, const abx_reg *names, uint64_t *values, size_t count);
abx_status abx_x86_write_system(abx_kvm_vcpu *vcpu, const abx_reg *names, const uint64_t *values, size_t count);
abx_status abx_x86_read_debug(abx_kvm_vcpu *vcpu, const abx_reg *names, uint64_t *values, size_t count);
abx_status abx_x86_write_debug(abx_kvm_vcpu *vcpu, const abx_reg *names, const uint64_t *values, size_t count);
abx_status abx_x86_read_xcr(abx_kvm_vcpu *vcpu, const abx_reg *names, uint64_t *values, size_t count);
abx_status abx_x86_write_xcr(abx_kvm_vcpu *vcpu, const abx_reg *names, const uint64_t *values, size_t count);

/* register_msr.c */
abx_status abx_x86_read_msrs(abx_kvm_vcpu *vcpu, const abx_reg *names, uint64_t *values, size_t count);
abx_status abx_x86_write_msrs(abx_kvm_vcpu *vcpu, const abx_reg *names, const uint64_t *values, size_t count);

#endif
