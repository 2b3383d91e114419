/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Identity registers: what libunicorn has and this Mac has too. */
#ifndef ABX_TESTS_STANDIN_IDENTITY_H
#define ABX_TESTS_STANDIN_IDENTITY_H

#include "model.h"

/* Sets those of a new vCPU. */
void identity_init(model_vcpu *vcpu);

/* Where one of them is kept; NULL: it is none. */
uint64_t *identity_of(model_vcpu *vcpu, hv_sys_reg_t reg);

/* What a new vCPU has there; false for another register. */
bool identity_value(hv_sys_reg_t reg, uint64_t *value);

#endif
