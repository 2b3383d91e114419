/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the test orders of programs/x86_64/exits.c, by its answers to guest_ask(). 0 ends the program. */
#ifndef ABX_TESTS_EXITS_H
#define ABX_TESTS_EXITS_H

enum {
    HALT = 1,
    TRIPLE_FAULT,
    MSR_READ,
    MSR_WRITE,
    MSR_REFUSED,
    HYPERCALL,
    NOWHERE,
    NOT_EMULATED,
    LOOP,
};

#endif
