/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fpu_legacy.h"
#include "table.h"
#include "xsave.h"

#include <errno.h>
#include <stdlib.h>

/* By the XSAVE state: KVM_GET_FPU and KVM_SET_FPU leave MXCSR out, and what the latter sets may get lost. */
static abx_status fetch(abx_kvm_vcpu *vcpu, uint8_t **area, size_t *size)
{
    *area = NULL;
    abx_status status = abx_xsave_size(vcpu->vm, size);
    if (status != ABX_OK)
        return status;
    *area = calloc(1, *size);
    if (!*area)
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "access the FPU's state");
    return abx_kvm_get_xsave(vcpu, *area, *size, size);
}

abx_status abx_kvm_get_fpu(void *object, abx_x86_fpu *fpu)
{
    uint8_t *area;
    size_t size;
    abx_status status = fetch(object, &area, &size);
    if (status == ABX_OK)
        abx_fpu_from_xsave(fpu, area);
    free(area);
    return status;
}

abx_status abx_kvm_set_fpu(void *object, const abx_x86_fpu *fpu)
{
    uint8_t *area;
    size_t size;
    abx_status status = fetch(object, &area, &size);
    if (status == ABX_OK) {
        abx_fpu_to_xsave(area, fpu);
        status = abx_kvm_set_xsave(object, area, size);
    }
    free(area);
    return status;
}
