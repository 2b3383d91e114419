/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Memory-mapped I/O of each size and direction, as the hardware describes it. */
#include "guest.h"

#define MMIO 0xd0000000ul

static int64_t read_signed_byte(uint64_t address)
{
    int64_t value;
    __asm__ volatile("ldrsb %0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return value;
}

static uint64_t read_signed_half_as_word(uint64_t address)
{
    uint64_t value;
    __asm__ volatile("ldrsh %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
    return value;
}

/* Register 31 is zero here, not the stack pointer and not PC. */
static void zero(uint64_t address)
{
    __asm__ volatile("str xzr, [%0]; ldr xzr, [%0]" : : "r"(address) : "memory");
}

void guest_main(void)
{
    GUEST_CHECK(sizeof(void *) == 8);
    guest_sync(1);
    write8(MMIO + 1, 0x11);
    write16(MMIO + 2, 0x2233);
    write32(MMIO + 4, 0x44556677);
    write64(MMIO + 8, 0x8899aabbccddeeff);
    GUEST_CHECK(read8(MMIO + 16) == 0x88);
    GUEST_CHECK(read16(MMIO + 18) == 0x9a9b);
    GUEST_CHECK(read32(MMIO + 20) == 0xccddeeff);
    GUEST_CHECK(read64(MMIO + 24) == 0x0123456789abcdef);
    GUEST_CHECK(read_signed_byte(MMIO + 32) == 0x12);
    GUEST_CHECK(read_signed_half_as_word(MMIO + 34) == 0x3456);
    zero(MMIO + 40);
    GUEST_CHECK(guest_ask() == 7);
}
