/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "register_access.h"
#include "linux/kvm_backend.h"

int abx_register_get(int fd, uint64_t id, void *value)
{
    const struct kvm_one_reg request = { .id = id, .addr = (uintptr_t)value };
    return abx_kvm_ioctl(fd, KVM_GET_ONE_REG, &request);
}

int abx_register_set(int fd, uint64_t id, const void *value)
{
    const struct kvm_one_reg request = { .id = id, .addr = (uintptr_t)value };
    return abx_kvm_ioctl(fd, KVM_SET_ONE_REG, &request);
}
