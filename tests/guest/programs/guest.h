/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What guest programs written in C have: port I/O, and the few words that they exchange with the test outside
 * (harness.h). A program defines guest_main(); when that returns, the guest is done.
 */
#ifndef ABX_TESTS_GUEST_H
#define ABX_TESTS_GUEST_H

#include <stddef.h>
#include <stdint.h>

/* Ports of the conversation; harness.h has the same. */
enum {
    PORT_SYNC = 0x10, /* a 32-bit number: "I am here" */
    PORT_DONE = 0x11, /* the end, well */
    PORT_FAIL = 0x12, /* a 32-bit line number: a check did not hold */
    PORT_ASK = 0x14,  /* a 32-bit number from the test */
};

static inline void out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void out16(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void out32(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline uint8_t in8(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

static inline uint16_t in16(uint16_t port)
{
    uint16_t value;
    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

static inline uint32_t in32(uint16_t port)
{
    uint32_t value;
    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

/* Tells the test that this point has been reached. */
static inline void guest_sync(uint32_t number)
{
    out32(PORT_SYNC, number);
}

static inline uint32_t guest_ask(void)
{
    return in32(PORT_ASK);
}

#define GUEST_CHECK(condition)                                                                                         \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            out32(PORT_FAIL, __LINE__);                                                                                \
    } while (0)

void guest_main(void);

#endif
