/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Single step, breakpoints and watchpoints (DDI 0487, D2): in the hands of the stand-in, not of libunicorn. */
#ifndef ABX_TESTS_STANDIN_DEBUG_H
#define ABX_TESTS_STANDIN_DEBUG_H

#include "model.h"

/* Whether an instruction has to be looked at before it is executed. */
bool debug_active(const model_vcpu *vcpu);

/* Before the instruction at `pc`: EVENT_NONE when it is to be executed. A watchpoint's address goes to
 * vcpu->virtual_address. */
model_event debug_before(model_vcpu *vcpu, uint64_t pc);

/* When that instruction has not been executed after all. */
void debug_undo(model_vcpu *vcpu);

/* For these three events: leaves the guest, or makes it take the exception itself. True: it leaves. */
bool debug_event(model_vcpu *vcpu);

#endif
