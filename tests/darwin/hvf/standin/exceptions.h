/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Exceptions that the guest takes itself, at EL1 (DDI 0487, D1.3): libunicorn leaves them to its caller. */
#ifndef ABX_TESTS_STANDIN_EXCEPTIONS_H
#define ABX_TESTS_STANDIN_EXCEPTIONS_H

#include "registers.h"

/* To the synchronous vector; `back` is for ELR_EL1. */
void exception_take(model_vcpu *vcpu, uint64_t syndrome, uint64_t back);

/* An abort of the guest's own translation, by the instruction at vcpu->pc. */
void exception_take_abort(model_vcpu *vcpu, bool fetching);

/* IRQ or FIQ, if an input is high and the guest lets it in. */
void exception_interrupt(model_vcpu *vcpu, bool irq, bool fiq);

/* Whether that would be done now. */
bool exception_interruptible(const model_vcpu *vcpu, bool irq, bool fiq);

#endif
