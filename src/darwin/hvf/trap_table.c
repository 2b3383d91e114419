/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "trap.h"

/* Fields of ABX_ARM64_SYSREG_NUMBER(). */
static uint32_t field(uint32_t number, unsigned int low, unsigned int width)
{
    return number >> low & ((1u << width) - 1);
}

/* PM…: control and counters in CRn 9, events in CRn 14 (DDI 0487, D19.5). The guest is given none. */
static bool is_performance_monitor(uint32_t op1, uint32_t crn, uint32_t crm)
{
    if (op1 == 3)
        return (crn == 9 && crm >= 12 && crm <= 14) || (crn == 14 && crm >= 8);
    return op1 == 0 && crn == 9 && crm == 14;
}

/* LOR…: limited ordering regions, of which there are none. */
static bool is_ordering_region(uint32_t op1, uint32_t crn, uint32_t crm)
{
    return op1 == 0 && crn == 10 && crm == 4;
}

/*
 * Debug registers (op0 2) that are trapped are those of external debug and the OS lock, which is there and never locked
 * (OSLSR_EL1.OSLM 0b10). All others are zero, as on a processor without a debugger.
 */
bool abx_trap_constant(uint32_t number, uint64_t *value)
{
    static const uint64_t LOCK_IMPLEMENTED = 8;
    uint32_t op0 = field(number, 14, 2), op1 = field(number, 11, 3);
    uint32_t crn = field(number, 7, 4), crm = field(number, 3, 4);
    bool constant =
        op0 == 2 || (op0 == 3 && (is_performance_monitor(op1, crn, crm) || is_ordering_region(op1, crn, crm)));
    if (constant)
        *value = number == ABX_ARM64_SYSREG_NUMBER(2, 0, 1, 1, 4) ? LOCK_IMPLEMENTED : 0;
    return constant;
}
