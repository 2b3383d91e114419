/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* 32-bit protected mode: ports, and memory-mapped I/O of 1, 2 and 4 bytes. */
#include "guest.h"

#define MMIO ((volatile uint8_t *)0xd0000000)

void guest_main(void)
{
    GUEST_CHECK(sizeof(void *) == 4);
    out8(0x20, 0x5a);
    out16(0x21, 0x1234);
    out32(0x22, 0x89abcdef);
    GUEST_CHECK(in8(0x23) == 0xa5);
    GUEST_CHECK(in16(0x25) == 0xbeef);
    GUEST_CHECK(in32(0x27) == 0xdeadbeef);
    MMIO[1] = 0x11;
    *(volatile uint16_t *)(MMIO + 2) = 0x2233;
    *(volatile uint32_t *)(MMIO + 4) = 0x44556677;
    GUEST_CHECK(MMIO[8] == 0x88);
    GUEST_CHECK(*(volatile uint32_t *)(MMIO + 12) == 0xccddeeff);
}
