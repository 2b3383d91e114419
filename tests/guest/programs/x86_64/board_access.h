/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Registers of devices, and the order of memory. */
#ifndef ABX_TESTS_BOARD_ACCESS_H
#define ABX_TESTS_BOARD_ACCESS_H

#include "idt.h"

static inline uint32_t read32(uint64_t address)
{
    return *(volatile uint32_t *)address;
}

static inline void write32(uint64_t address, uint32_t value)
{
    *(volatile uint32_t *)address = value;
}

/* What is before it is seen before what comes after. Not mfence: KVM does not emulate that. */
static inline void memory_barrier(void)
{
    __asm__ volatile("lock; orl $0, (%%rsp)" : : : "memory", "cc");
}

#endif
