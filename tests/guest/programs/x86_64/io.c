/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* 64-bit mode: ports, and memory-mapped I/O up to 8 bytes. */
#include "guest.h"

#define MMIO ((volatile uint8_t *)0xd0000000)

void guest_main(void)
{
    GUEST_CHECK(sizeof(void *) == 8);
    guest_sync(1);
    out8(0x20, 0x5a);
    GUEST_CHECK(in32(0x27) == 0xdeadbeef);
    MMIO[1] = 0x11;
    *(volatile uint16_t *)(MMIO + 2) = 0x2233;
    *(volatile uint32_t *)(MMIO + 4) = 0x44556677;
    *(volatile uint64_t *)(MMIO + 8) = 0x8899aabbccddeeff;
    GUEST_CHECK(MMIO[16] == 0x88);
    GUEST_CHECK(*(volatile uint16_t *)(MMIO + 18) == 0x9a9b);
    GUEST_CHECK(*(volatile uint64_t *)(MMIO + 24) == 0x0123456789abcdef);
    GUEST_CHECK(guest_ask() == 7);
}
