/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where the registers of <arcbox/x86_64.h> are in KVM's structures. `number` is ABX_REG_NUMBER of a name that
 * abx_x86_register_known() knows. Pure: no system calls.
 */
#ifndef ABX_SRC_LINUX_X86_64_REGISTER_MAP_H
#define ABX_SRC_LINUX_X86_64_REGISTER_MAP_H

#include <arcbox/x86_64.h>
#include <linux/kvm.h>

/* Whether `name` is an x86_64 register. Of MSRs, any 32-bit index is. */
bool abx_x86_register_known(abx_reg name);

uint64_t abx_x86_get_general(const struct kvm_regs *registers, uint32_t number);
uint64_t abx_x86_get_system(const struct kvm_sregs *registers, uint32_t number);
uint64_t abx_x86_get_debug(const struct kvm_debugregs *registers, uint32_t number);

/* These return false, and change nothing, for a value that the register has no room for. */
bool abx_x86_set_general(struct kvm_regs *registers, uint32_t number, uint64_t value);
bool abx_x86_set_system(struct kvm_sregs *registers, uint32_t number, uint64_t value);
bool abx_x86_set_debug(struct kvm_debugregs *registers, uint32_t number, uint64_t value);

#endif
