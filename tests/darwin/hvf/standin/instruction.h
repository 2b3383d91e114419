/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Loads and stores of A64 (DDI 0487, C4.1): what ESR_EL2 says of them, and where they go. */
#ifndef ABX_TESTS_STANDIN_INSTRUCTION_H
#define ABX_TESTS_STANDIN_INSTRUCTION_H

#include "model.h"

typedef struct instruction_access {
    bool write;
    uint64_t address;
    uint32_t size; /* bytes */
    /* Of those that the hardware describes (ISV). */
    bool described;
    bool sign_extends; /* SSE */
    bool wide;         /* SF */
    bool ordered;      /* AR */
    uint32_t reg;      /* SRT */
} instruction_access;

/* False: no load or store. Registers are those before it. */
bool instruction_decode(const model_vcpu *vcpu, uint32_t instruction, instruction_access *out);

#define INSTRUCTION_WFE 0xd503205fu
#define INSTRUCTION_WFI 0xd503207fu

/* SVC, HVC, SMC and BRK, without their number. */
#define INSTRUCTION_CALL(instruction)   ((instruction)&0xffe0001fu)
#define INSTRUCTION_NUMBER(instruction) ((instruction) >> 5 & 0xffffu)
#define INSTRUCTION_SVC                 0xd4000001u
#define INSTRUCTION_HVC                 0xd4000002u
#define INSTRUCTION_SMC                 0xd4000003u
#define INSTRUCTION_BRK                 0xd4200000u

#endif
