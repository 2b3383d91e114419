/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How the host of the guest code in payload.S answers exits: the rules of the architecture (DDI 0487, D1.3 and the
 * description of ESR_EL2) for what is written back and where the guest goes on. Compiled for the program at EL2 and for
 * the tests.
 */
#ifndef ABX_TESTS_ORACLE_ANSWER_H
#define ABX_TESTS_ORACLE_ANSWER_H

#include <stdint.h>

typedef struct oracle_exit {
    uint64_t esr; /* ESR_EL2 */
    uint64_t far; /* FAR_EL2, where the exception has one, else 0 */
    uint64_t ipa; /* … and the guest physical address */
} oracle_exit;

typedef struct oracle_registers {
    uint64_t x[31];
    uint64_t pc;
    uint64_t pstate;
} oracle_registers;

/* Exception classes. */
enum {
    EC_WFX = 0x01,
    EC_HVC = 0x16,
    EC_SMC = 0x17,
    EC_SYSREG = 0x18,
    EC_INSTRUCTION_ABORT = 0x20,
    EC_DATA_ABORT = 0x24,
    EC_BREAKPOINT = 0x30,
    EC_STEP = 0x32,
    EC_WATCHPOINT = 0x34,
    EC_BRK = 0x3c,
};

#define ORACLE_CLASS(esr) ((uint32_t)((esr) >> 26 & 0x3f))

/* What every load from where no memory is gives, as far as it is wide. The top bits of all widths are set. */
#define ORACLE_DATA UINT64_C(0xf1e2d3c4b5a69788)

/* Changes the registers to those with which the guest goes on. Returns the action that the host is to take. */
uint32_t oracle_answer(const oracle_exit *exit, oracle_registers *registers);

#endif
