/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Registers of devices (talk.h has read32() and write32()), and the order of memory. */
#ifndef ABX_TESTS_BOARD_ACCESS_H
#define ABX_TESTS_BOARD_ACCESS_H

#include "guest.h"

/* What is before it is seen before what comes after. */
static inline void memory_barrier(void)
{
    __asm__ volatile("dsb sy" : : : "memory");
}

#endif
