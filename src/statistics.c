/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <arcbox/statistics.h>

#include "vcpu_internal.h"

abx_status abx_vm_get_statistics(abx_vm *vm, abx_statistic_visitor visitor, void *payload)
{
    abx_status status = abx_vm_check(vm, visitor, ABX_CAP_BINARY_STATS, offsetof(abx_backend, vm_get_statistics),
                                     "get the kernel's statistics of a VM");
    if (status != ABX_OK)
        return status;
    return abx_vm_backend(vm)->vm_get_statistics(abx_vm_backend_object(vm), visitor, payload);
}

abx_status abx_vcpu_share_statistics(abx_vcpu *vcpu)
{
    abx_status status = abx_vcpu_check(vcpu, true, ABX_CAP_BINARY_STATS, offsetof(abx_backend, vcpu_share_statistics),
                                       "share the kernel's statistics");
    return status == ABX_OK ? vcpu->backend->vcpu_share_statistics(vcpu->object) : status;
}
