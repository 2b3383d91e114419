/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* One register of a vCPU by KVM's id, of the size that the id tells (KVM_REG_SIZE). 0 or a negative errno. */
#ifndef ABX_SRC_LINUX_ARM64_REGISTER_ACCESS_H
#define ABX_SRC_LINUX_ARM64_REGISTER_ACCESS_H

#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>

/* Ids of core registers: their place in struct kvm_regs in words of 32 bits. */
#define ABX_KVM_CORE(offset, size)                                                                                     \
    (KVM_REG_ARM64 | KVM_REG_ARM_CORE | (uint64_t)(size) | (uint64_t)(offset) / sizeof(uint32_t))
#define ABX_KVM_X(number)                                                                                              \
    ABX_KVM_CORE(offsetof(struct kvm_regs, regs.regs) + (number) * sizeof(uint64_t), KVM_REG_SIZE_U64)
#define ABX_KVM_PC ABX_KVM_CORE(offsetof(struct kvm_regs, regs.pc), KVM_REG_SIZE_U64)

int abx_register_get(int fd, uint64_t id, void *value);
int abx_register_set(int fd, uint64_t id, const void *value);

#endif
