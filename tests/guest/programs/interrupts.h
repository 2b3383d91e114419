/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the test orders of the program "interrupts", by its answers to guest_ask(). 0 ends the program. */
#ifndef ABX_TESTS_INTERRUPTS_H
#define ABX_TESTS_INTERRUPTS_H

enum {
    CONTROLLERS_ON = 1, /* those in the kernel */
    WAIT,               /* sleeps until an interrupt comes; tells its number, as all of these do */
    SPIN_UNTIL_ONE,
    ROUTE_EDGE, /* a line and the number that its interrupts are to have */
    ROUTE_LEVEL,
    RING_MEMORY, /* an address, and what is written there */
    /* x86_64 */
    RING_PORT,
    WAIT_SHUT,
    INIT_PICS,
    SHUT_PICS,
    LAPIC_ON,
    /* ARM64 */
    TAKE, /* an INTID that is let through, as a number that is told */
    TIMER,
    SEND_TO_SELF,
    LPIS_ON,
    SUSPEND, /* the whole machine; tells SUSPEND_CONTEXT when it is awake, then as WAIT */
};

enum { SUSPEND_CONTEXT = 0x1e55 };

#endif
