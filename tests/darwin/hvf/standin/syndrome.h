/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Exits by exception: the exit structure as the framework fills it, the syndrome as in ESR_EL2 (DDI 0487, D19.2). */
#ifndef ABX_TESTS_STANDIN_SYNDROME_H
#define ABX_TESTS_STANDIN_SYNDROME_H

#include "registers.h"

/* Exception classes. */
enum {
    CLASS_UNKNOWN = 0x00,
    CLASS_WFX = 0x01,
    CLASS_SVC = 0x15,
    CLASS_HVC = 0x16,
    CLASS_SMC = 0x17,
    CLASS_SYSREG = 0x18,
    CLASS_INSTRUCTION_ABORT = 0x20, /* from a lower level; 1 more from the same one */
    CLASS_DATA_ABORT = 0x24,
    CLASS_BREAKPOINT = 0x30,
    CLASS_STEP = 0x32,
    CLASS_WATCHPOINT = 0x34,
    CLASS_BRK = 0x3c,
};

/* With IL: all instructions have 32 bits. */
#define SYNDROME(class, iss) ((uint64_t)(class) << 26 | UINT64_C(1) << 25 | (uint64_t)(iss))
#define SYNDROME_WRITE       (1u << 6)
#define SYNDROME_DEBUG       0x22u /* the status code of debug exceptions */

/* Fills vcpu->exit in. */
void exit_with(model_vcpu *vcpu, uint64_t syndrome);

/* For vcpu->event EVENT_MEMORY: the access has not been made, PC is at its instruction. */
void exit_with_abort(model_vcpu *vcpu);

/* … EVENT_SYSREG, likewise. */
void exit_with_system_register(model_vcpu *vcpu);

#endif
