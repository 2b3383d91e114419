/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "exception.h"
#include "hvf_backend.h"

#define ISS_MASK UINT64_C(0x1ffffff) /* of ESR_ELx (D19.2) */

abx_status abx_hvf_get_events(void *object, abx_arm64_events *events)
{
    const abx_hvf_vcpu *vcpu = object;
    *events = (abx_arm64_events){
        .serror_pending = vcpu->serror,
        .serror_has_syndrome = vcpu->serror && vcpu->serror_has_syndrome,
        .serror_syndrome = vcpu->serror && vcpu->serror_has_syndrome ? vcpu->serror_syndrome : 0,
    };
    return ABX_OK;
}

/* In place of the access that came out last: it has not been done. */
static abx_status abort_access(abx_hvf_vcpu *vcpu)
{
    static const char operation[] = "give vCPU %u a data abort";
    if (!vcpu->fault.valid)
        return abx_fail(ABX_ERR_STATE, 0, "Only after an exit for MMIO, or ABX_EXIT_DATA_ABORT.", operation,
                        vcpu->number);
    const abx_exception abort = { .kind = ABX_EXCEPTION_DATA,
                                  .write = vcpu->fault.write,
                                  .address = vcpu->fault.address };
    abx_status status = abx_hvf_throw(vcpu, &abort);
    if (status != ABX_OK)
        return status;
    vcpu->pending = ABX_HVF_NOTHING;
    vcpu->fault.valid = false;
    return ABX_OK;
}

abx_status abx_hvf_set_events(void *object, const abx_arm64_events *events)
{
    abx_hvf_vcpu *vcpu = object;
    if (events->serror_syndrome & ~ISS_MASK)
        return abx_fail(ABX_ERR_INVALID, 0, "A syndrome has 25 bits.", "set an SError's syndrome");
    abx_status status = events->data_abort_pending ? abort_access(vcpu) : ABX_OK;
    if (status != ABX_OK)
        return status;
    vcpu->serror = events->serror_pending;
    vcpu->serror_has_syndrome = events->serror_has_syndrome;
    vcpu->serror_syndrome = events->serror_syndrome;
    return ABX_OK;
}
