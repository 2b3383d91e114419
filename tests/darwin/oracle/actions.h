/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What guest code orders of its host by the immediate of an HVC; also read by the assembler. */
#ifndef ABX_TESTS_ORACLE_ACTIONS_H
#define ABX_TESTS_ORACLE_ACTIONS_H

#define ACTION_LOOK        0x00 /* nothing: the registers are looked at */
#define ACTION_IRQ         0x01 /* the next run begins with the IRQ input high */
#define ACTION_FIQ         0x02 /* … the FIQ input */
#define ACTION_TRAP_DEBUG  0x03 /* debug exceptions go to the host from now on */
#define ACTION_GUEST_DEBUG 0x04 /* … to the guest */
#define ACTION_STEP        0x05 /* the next run is one instruction long */
#define ACTION_BREAKPOINT  0x06 /* a breakpoint at X1; 0: none */
#define ACTION_WATCHPOINT  0x07 /* a watchpoint for the 8 bytes at X1; 0: none */
#define ACTION_END         0x08

/* Guest physical addresses. */
#define ORACLE_RAM       0x40000000
#define ORACLE_RAM_SIZE  0x00200000
#define ORACLE_READ_ONLY 0x40400000 /* as large */
#define ORACLE_DEVICE    0x09000000 /* no memory: the host answers */
#define ORACLE_NOTHING   0x0c000000 /* no memory either */

#endif
