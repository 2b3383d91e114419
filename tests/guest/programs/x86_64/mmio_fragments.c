/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Single instructions whose accesses to memory-mapped I/O come out one by one: across pages, and string instructions.
 */
#include "guest.h"

#define MMIO    ((volatile uint8_t *)0xd0000000)
#define RAM_END ((volatile uint8_t *)0x1000000)

static void cross_pages(void)
{
    *(volatile uint64_t *)(MMIO + 0xffd) = 0x8877665544332211;
    GUEST_CHECK(*(volatile uint32_t *)(MMIO + 0x1ffe) == 0x44332211);
    GUEST_CHECK(*(volatile uint64_t *)(MMIO + 0x2ffb) == 0x8877665544332211);
    *(volatile uint32_t *)(RAM_END - 3) = 0xddccbbaa;
    GUEST_CHECK(RAM_END[-3] == 0xaa && RAM_END[-2] == 0xbb && RAM_END[-1] == 0xcc);
}

static void copy_bytes(volatile void *to, const volatile void *from, uint64_t count)
{
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}

static void copy_words(volatile void *to, const volatile void *from, uint64_t count)
{
    __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}

static void use_strings(void)
{
    static const uint8_t bytes[] = { 1, 2, 3 };
    uint32_t words[2] = { 0, 0 };
    copy_bytes(MMIO + 0x3ffe, bytes, sizeof(bytes));
    copy_words(words, MMIO + 0x4000, 2);
    GUEST_CHECK(words[0] == 0x11111111 && words[1] == 0x22222222);
}

void guest_main(void)
{
    cross_pages();
    use_strings();
}
