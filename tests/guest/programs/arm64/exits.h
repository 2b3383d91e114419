/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the test orders of programs/arm64/exits.c, by its answers to guest_ask(). 0 ends the program. */
#ifndef ABX_TESTS_EXITS_H
#define ABX_TESTS_EXITS_H

enum {
    LOOP = 1,
    SLEEP,
    POWER_OFF,
    RESET,
    RESET_2,
    PAIR,
    POST_INDEX,
    ABORTED,
    NOWHERE,
    HYPERCALL,
    VERSION,
    SUSPEND,
};

#endif
