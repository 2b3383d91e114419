/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The boot processor starts the others by INIT and SIPI (SDM vol. 3, 8.4.4); they count themselves in real mode. */
#include "idt.h"

enum { TRAMPOLINE = 0x30000, COUNTER = 0x31000 };

/* In 16 bits: DS to the counter's segment, lock incb 0, cli, hlt. */
static const uint8_t trampoline[] = { 0xb8, 0x00, 0x31, 0x8e, 0xd8, 0xf0, 0xfe, 0x06, 0x00, 0x00, 0xfa, 0xf4 };

static void send_to_all_others(uint32_t command)
{
    /* 11 in bits 19:18: all excluding self */
    lapic_write(LAPIC_ICR_LOW, 0xc0000 | command);
    while (lapic_read(LAPIC_ICR_LOW) & (1u << 12))
        __asm__ volatile("pause");
}

void guest_main(void)
{
    uint8_t others = (uint8_t)guest_ask();
    volatile uint8_t *counter = (volatile uint8_t *)COUNTER;
    for (size_t i = 0; i < sizeof(trampoline); i++)
        ((volatile uint8_t *)TRAMPOLINE)[i] = trampoline[i];
    *counter = 0;
    lapic_enable();
    GUEST_CHECK(lapic_read(LAPIC_ID) == 0);
    send_to_all_others(0x4500);
    send_to_all_others(0x4600 | TRAMPOLINE >> 12);
    while (*counter < others)
        __asm__ volatile("pause");
    guest_sync(*counter);
}
