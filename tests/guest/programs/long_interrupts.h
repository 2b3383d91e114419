/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the test orders of programs/long_interrupts.c, by its answers to guest_ask(). */
#ifndef ABX_TESTS_LONG_INTERRUPTS_H
#define ABX_TESTS_LONG_INTERRUPTS_H

enum {
    WAIT = 1,
    ROUTE_EDGE,
    ROUTE_LEVEL,
    LAPIC_ON,
    SPIN_UNTIL_ONE,
    RING_PORT,
    RING_MEMORY,
    WAIT_SHUT,
    INIT_PICS,
    SHUT_PICS,
};

#endif
