/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which processor a vCPU is, and which features it has: fixed from its first initialisation on. */
#ifndef ABX_SRC_LINUX_ARM64_VCPU_INIT_H
#define ABX_SRC_LINUX_ARM64_VCPU_INIT_H

#include "linux/kvm_backend.h"

/* What vCPU `id` is initialised with: the host's processor, with what the configuration asks for. Errors: as
 * abx_kvm_check(). */
abx_status abx_vcpu_init_choose(const abx_kvm_vm *vm, uint32_t id, struct kvm_vcpu_init *init);

/* Initialises the new vCPU `id` with it: it has registers then. Errors: as above. */
abx_status abx_vcpu_init(const abx_kvm_vm *vm, uint32_t id, int fd);

#endif
