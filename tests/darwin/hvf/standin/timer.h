/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The virtual timer of a vCPU (DDI 0487, D11). */
#ifndef ABX_TESTS_STANDIN_TIMER_H
#define ABX_TESTS_STANDIN_TIMER_H

#include "registers.h"

enum { TIMER_ENABLE = 1, TIMER_MASK = 2, TIMER_STATUS = 4 };

uint64_t timer_count(const model_vcpu *vcpu); /* CNTVCT_EL0 */

/* Its output. */
bool timer_fires(const model_vcpu *vcpu);

/* The guest's accesses to CNTV_*_EL0, CNTVCT_EL0 and CNTFRQ_EL0. False: another register. */
bool timer_read(const model_vcpu *vcpu, hv_sys_reg_t reg, uint64_t *value);
bool timer_write(model_vcpu *vcpu, hv_sys_reg_t reg, uint64_t value);

#endif
