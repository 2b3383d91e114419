/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* ARM64: guest programs talk to the test by a page of addresses without memory. */
#ifndef ABX_TESTS_TALK_H
#define ABX_TESTS_TALK_H

#include <stdint.h>

/* The page, and the words of the conversation in it, all of 32 bits; harness_arch.h has the same. */
#define TALK_PAGE 0x0d000000ul
enum {
    TALK_SYNC = 0x10, /* a number: "I am here" */
    TALK_DONE = 0x14, /* the end, well */
    TALK_FAIL = 0x18, /* a line number: a check did not hold */
    TALK_ASK = 0x1c,  /* a number from the test */
};

/* In assembly, so that they are what the hardware can describe: one register, and no change of the address. */
#define ACCESS(width, type, register, load, store)                                                                     \
    static inline void write##width(uint64_t address, type value)                                                      \
    {                                                                                                                  \
        __asm__ volatile(store " %" register "0, [%1]" : : "r"(value), "r"(address) : "memory");                       \
    }                                                                                                                  \
    static inline type read##width(uint64_t address)                                                                   \
    {                                                                                                                  \
        type value;                                                                                                    \
        __asm__ volatile(load " %" register "0, [%1]" : "=r"(value) : "r"(address) : "memory");                        \
        return value;                                                                                                  \
    }

ACCESS(8, uint8_t, "w", "ldrb", "strb")
ACCESS(16, uint16_t, "w", "ldrh", "strh")
ACCESS(32, uint32_t, "w", "ldr", "str")
ACCESS(64, uint64_t, "x", "ldr", "str")

static inline void guest_tell(uint32_t word, uint32_t value)
{
    write32(TALK_PAGE + word, value);
}

static inline uint32_t guest_hear(uint32_t word)
{
    return read32(TALK_PAGE + word);
}

#endif
