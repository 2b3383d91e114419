/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* x86_64: guest programs talk to the test by ports. */
#ifndef ABX_TESTS_TALK_H
#define ABX_TESTS_TALK_H

#include <stdint.h>

/* Ports of the conversation, all of 32 bits; harness_arch.c has the same. */
enum {
    TALK_SYNC = 0x10, /* a number: "I am here" */
    TALK_DONE = 0x11, /* the end, well */
    TALK_FAIL = 0x12, /* a line number: a check did not hold */
    TALK_ASK = 0x14,  /* a number from the test */
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

static inline void guest_tell(uint16_t word, uint32_t value)
{
    out32(word, value);
}

static inline uint32_t guest_hear(uint16_t word)
{
    return in32(word);
}

#endif
