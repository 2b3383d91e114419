/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The framework knows no switched-off vCPU: it is one that nobody runs. */
#include "hvf_backend.h"

abx_status abx_hvf_vcpu_get_mp_state(void *object, abx_mp_state *state)
{
    *state = ((const abx_hvf_vcpu *)object)->mp_state;
    return ABX_OK;
}

abx_status abx_hvf_vcpu_set_mp_state(void *object, abx_mp_state state)
{
    abx_hvf_vcpu *vcpu = object;
    if (state != ABX_MP_RUNNABLE && state != ABX_MP_STOPPED)
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "An ARM64 vCPU is RUNNABLE or STOPPED.", "set MP state %d",
                        (int)state);
    vcpu->mp_state = state;
    return ABX_OK;
}
