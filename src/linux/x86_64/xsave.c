/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "xsave.h"
#include "table.h"

#include <errno.h>

/* An answer that fails is not a small state: KVM_GET_XSAVE2 writes all of it. */
abx_status abx_xsave_size(const abx_kvm_vm *vm, size_t *size)
{
    int known = 0;
    if (vm->hypervisor->arch.xsave2)
        known = abx_kvm_ioctl_value(vm->fd, KVM_CHECK_EXTENSION, KVM_CAP_XSAVE2);
    if (known < 0)
        return abx_kvm_check(known, "ask for the size of the XSAVE state");
    *size = (size_t)known > sizeof(struct kvm_xsave) ? (size_t)known : sizeof(struct kvm_xsave);
    return ABX_OK;
}

abx_status abx_kvm_get_xsave(void *object, void *buffer, size_t capacity, size_t *size)
{
    const abx_kvm_vcpu *vcpu = object;
    size_t needed = 0;
    abx_status status = abx_xsave_size(vcpu->vm, &needed);
    if (status != ABX_OK)
        return status;
    if (capacity == 0) {
        *size = needed;
        return ABX_OK;
    }
    if (capacity < needed) {
        *size = needed;
        return abx_fail(ABX_ERR_LIMIT, 0, NULL, "get %zu bytes of XSAVE state into %zu", needed, capacity);
    }
    unsigned long request = vcpu->vm->hypervisor->arch.xsave2 ? KVM_GET_XSAVE2 : KVM_GET_XSAVE;
    status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, request, buffer), "get the XSAVE state");
    if (status == ABX_OK)
        *size = needed;
    return status;
}

abx_status abx_kvm_set_xsave(void *object, const void *buffer, size_t size)
{
    const abx_kvm_vcpu *vcpu = object;
    size_t needed = 0;
    abx_status status = abx_xsave_size(vcpu->vm, &needed);
    if (status != ABX_OK)
        return status;
    if (size != needed)
        return abx_fail(ABX_ERR_INVALID, 0, "give as many bytes as abx_x86_get_xsave() asks for",
                        "set %zu bytes of XSAVE state instead of %zu", size, needed);
    int result = abx_kvm_ioctl(vcpu->fd, KVM_SET_XSAVE, buffer);
    if (result == -EINVAL)
        return abx_fail(ABX_ERR_SYSTEM, EINVAL, "it has features that the guest does not have, or reserved bits",
                        "set the XSAVE state");
    return abx_kvm_check(result, "set the XSAVE state");
}
