/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What guests of whole machines have: interrupt controllers, the virtio devices where machines put them, a serial line
 * to the test, which carries words of 32 bits, and debug-exit. A machine answers nothing of talk.h.
 */
#ifndef ABX_TESTS_BOARD_H
#define ABX_TESTS_BOARD_H

#include "board_access.h"

enum { BOARD_SLOTS = 9 };

/* Controllers on, every line shut; interrupts are taken in board_wait() only. */
void board_init(void);

/* Where the registers of the n-th virtio device are; and its line, which is a level, let through. */
uint64_t board_registers(uint32_t slot);
void board_open_line(uint32_t slot);

/* Sleeps until an interrupt comes, and takes it. */
void board_wait(void);

/* The program's own: the line of `slot` is up. Within board_wait(). */
void board_interrupt(uint32_t slot);

/* The next word from the test; a word to it. */
uint32_t board_hear(void);
void board_say(uint32_t word);

/* Ends the machine. */
_Noreturn void board_exit(uint32_t status);

/* Ends the machine with the line as its status unless the condition holds. */
#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            board_exit(__LINE__);                                                                                      \
    } while (0)

#endif
