/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "board.h"

#define VIRTIO 0xd0000000ul

enum {
    FIRST_VECTOR = 0x40,
    SERIAL_VECTOR = 0x60,
    SERIAL_PIN = 4,
    SERIAL = 0x3f8,
    SERIAL_INTERRUPTS = SERIAL + 1,
    SERIAL_STATUS = SERIAL + 5,
    HAS_RECEIVED = 1,
    HAS_SENT = 0x40, /* everything */
    DEBUG_EXIT = 0xf4,
};

/* As docs/virtio.md has them for guests without ACPI. */
static const uint8_t pins[BOARD_SLOTS] = { 5, 9, 10, 11, 3, 6, 12, 14, 15 };

/* One at a time, though a level may still be up: interrupts are off afterwards. */
static void end(uint64_t *rip)
{
    enum { RFLAGS = 2, IF = 1 << 9 };
    lapic_end();
    rip[RFLAGS] &= ~(uint64_t)IF;
}

static void take(uint64_t vector, uint64_t error_code, uint64_t *rip)
{
    (void)error_code;
    board_interrupt((uint32_t)vector - FIRST_VECTOR);
    end(rip);
}

/* Its line stays up until the bytes are taken: board_hear() does. */
static void wake(uint64_t vector, uint64_t error_code, uint64_t *rip)
{
    (void)vector;
    (void)error_code;
    end(rip);
}

void board_init(void)
{
    interrupts_init();
    out8(0x21, 0xff); /* the PICs, which some lines lead to as well */
    out8(0xa1, 0xff);
    lapic_enable();
    interrupts_handle(SERIAL_VECTOR, wake);
    ioapic_route(SERIAL_PIN, SERIAL_VECTOR, 1);
    out8(SERIAL_INTERRUPTS, HAS_RECEIVED);
}

uint64_t board_registers(uint32_t slot)
{
    return VIRTIO + 512ul * slot;
}

void board_open_line(uint32_t slot)
{
    uint8_t vector = (uint8_t)(FIRST_VECTOR + slot);
    interrupts_handle(vector, take);
    ioapic_route(pins[slot], vector, 1);
}

void board_wait(void)
{
    wait_for_interrupt();
}

uint32_t board_hear(void)
{
    uint32_t word = 0;
    for (int i = 0; i < 4; i++) {
        while (!(in8(SERIAL_STATUS) & HAS_RECEIVED))
            board_wait();
        word |= (uint32_t)in8(SERIAL) << 8 * i;
    }
    return word;
}

void board_say(uint32_t word)
{
    for (int i = 0; i < 4; i++)
        out8(SERIAL, (uint8_t)(word >> 8 * i));
    while (!(in8(SERIAL_STATUS) & HAS_SENT))
        ;
}

_Noreturn void board_exit(uint32_t status)
{
    for (;;)
        out32(DEBUG_EXIT, status);
}
