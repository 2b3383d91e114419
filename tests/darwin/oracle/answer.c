/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "answer.h"

#include "actions.h"

enum { ZERO_REGISTER = 31, INSTRUCTION = 4 };

static void write_register(oracle_registers *registers, uint32_t number, uint64_t value)
{
    if (number != ZERO_REGISTER)
        registers->x[number] = value;
}

static uint64_t loaded(uint64_t esr)
{
    uint32_t bits = 8u << (esr >> 22 & 3);
    uint64_t value = ORACLE_DATA << (64 - bits);
    value = esr >> 21 & 1 ? (uint64_t)((int64_t)value >> (64 - bits)) : value >> (64 - bits);
    return esr >> 15 & 1 ? value : (uint32_t)value;
}

static void answer_data_abort(uint64_t esr, oracle_registers *registers)
{
    const uint64_t described = UINT64_C(1) << 24, write = UINT64_C(1) << 6;
    if ((esr & described) && !(esr & write))
        write_register(registers, esr >> 16 & 31, loaded(esr));
    registers->pc += INSTRUCTION;
}

static void answer_system_register(uint64_t esr, oracle_registers *registers)
{
    if (esr & 1)
        write_register(registers, esr >> 5 & 31, ORACLE_DATA);
    registers->pc += INSTRUCTION;
}

uint32_t oracle_answer(const oracle_exit *exit, oracle_registers *registers)
{
    switch (ORACLE_CLASS(exit->esr)) {
    case EC_DATA_ABORT:
        answer_data_abort(exit->esr, registers);
        return ACTION_LOOK;
    case EC_SYSREG:
        answer_system_register(exit->esr, registers);
        return ACTION_LOOK;
    case EC_HVC:
        return exit->esr & 0xffff;
    case EC_WFX:
    case EC_SMC:
    case EC_BRK:
        registers->pc += INSTRUCTION;
        return ACTION_LOOK;
    case EC_INSTRUCTION_ABORT:
        registers->pc = registers->x[30];
        return ACTION_LOOK;
    case EC_STEP:
        return ACTION_LOOK;
    case EC_BREAKPOINT:
    case EC_WATCHPOINT:
        /* Goes on behind the instruction, as if it had been emulated. */
        registers->pc += INSTRUCTION;
        return ACTION_LOOK;
    default:
        return ACTION_END;
    }
}
