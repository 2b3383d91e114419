/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* One system register of a vCPU, wherever the framework, or this backend, keeps it. */
#ifndef ABX_DARWIN_HVF_SYSREG_H
#define ABX_DARWIN_HVF_SYSREG_H

#include "hvf_backend.h"

hv_return_t abx_hvf_sysreg_get(abx_hvf_vcpu *vcpu, uint32_t number, uint64_t *value);
hv_return_t abx_hvf_sysreg_set(abx_hvf_vcpu *vcpu, uint32_t number, uint64_t value);

/* Fills in vcpu->sysregs: those of the table that this host's framework knows. Errors: as abx_hv_check(). */
abx_status abx_hvf_sysreg_find(abx_hvf_vcpu *vcpu);

#endif
