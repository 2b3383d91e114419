/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Exceptions and interrupts in guest programs (DDI 0487, D1.3). */
#ifndef ABX_TESTS_VECTORS_H
#define ABX_TESTS_VECTORS_H

#include "guest.h"

enum { VECTOR_SYNC = 4, VECTOR_IRQ = 5, VECTOR_SERROR = 7 }; /* of EL1 with its own stack; of 16 */

typedef void exception_handler(void);

/* A table of our own. Interrupts stay off. Vectors without a handler end the guest with FAIL and 10000 + vector. */
void vectors_init(void);
void vectors_handle(unsigned vector, exception_handler *handler);

#define read_system(name)                                                                                              \
    ({                                                                                                                 \
        uint64_t value_;                                                                                               \
        __asm__ volatile("mrs %0, " name : "=r"(value_) : : "memory");                                                 \
        value_;                                                                                                        \
    })
#define write_system(name, value) __asm__ volatile("msr " name ", %0; isb" : : "r"((uint64_t)(value)) : "memory")

static inline void interrupts_on(void)
{
    __asm__ volatile("msr daifclr, #2; isb" : : : "memory");
}

static inline void interrupts_off(void)
{
    __asm__ volatile("msr daifset, #2; isb" : : : "memory");
}

/* Sleeps until an interrupt is pending, and takes it. Interrupts are off before and after. */
static inline void wait_for_interrupt(void)
{
    __asm__ volatile("wfi" : : : "memory");
    interrupts_on();
    interrupts_off();
}

#endif
