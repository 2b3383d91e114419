/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the test orders of programs/memory.c, by its answers to guest_ask(). 0 ends the program. */
#ifndef ABX_TESTS_MEMORY_H
#define ABX_TESTS_MEMORY_H

enum {
    PEEK = 1,
    POKE,
    POKE_PAGES,
    POKE_FOR_EVER,
    PEEK_FOR_EVER,
};

#endif
