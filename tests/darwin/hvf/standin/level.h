/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Exception levels. libunicorn derives something from the level, and from registers that EL0 cannot change, and keeps
 * it; ERET and MSR renew it, but nothing that its caller can do does. So what there was at EL1 is noted before each
 * return to EL0, and put back when an exception comes from there. Where it is in a saved context is found out by saving
 * two that differ in nothing else.
 */
#ifndef ABX_TESTS_STANDIN_LEVEL_H
#define ABX_TESTS_STANDIN_LEVEL_H

#include "model.h"

void level_create(model_vcpu *vcpu);
void level_destroy(model_vcpu *vcpu);

/* At EL1, before SPSR_EL1 is written. */
void level_note(model_vcpu *vcpu);

/* After PSTATE has been set from EL0 to EL1. */
void level_return(model_vcpu *vcpu);

#endif
