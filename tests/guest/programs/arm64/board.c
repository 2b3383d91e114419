/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "board.h"
#include "gic.h"

/* Addresses and lines: arcbox/arm64.h. */
#define SERIAL     0x09000000ul /* PL011 (DDI 0183) */
#define DEBUG_EXIT 0x09080000ul
#define VIRTIO     0x0a000000ul

enum {
    FIRST_INTID = INTID_FIRST_SPI + 16,
    SERIAL_INTID = INTID_FIRST_SPI + 1,
    SERIAL_FLAGS = 0x18,
    SERIAL_CONTROL = 0x30,
    SERIAL_MASK = 0x38,
    SERIAL_RECEIVED = 1 << 4,
    RECEIVER_EMPTY = 1 << 4,
    SENDER_EMPTY = 1 << 7,
    ALL_ON = 1 | 1 << 8 | 1 << 9, /* UARTEN, TXE, RXE */
};

static void take(void)
{
    uint32_t intid = gic_take();
    if (intid == INTID_NONE)
        return;
    /* That of the serial port stays up until the bytes are taken: board_hear() does. */
    if (intid != SERIAL_INTID)
        board_interrupt(intid - FIRST_INTID);
    gic_end(intid);
    /* One at a time, though a level may still be up: interrupts are off afterwards. */
    write_system("spsr_el1", read_system("spsr_el1") | 0x80);
}

void board_init(void)
{
    vectors_init();
    vectors_handle(VECTOR_IRQ, take);
    gic_init();
    gic_open(SERIAL_INTID, 1);
    write32(SERIAL + SERIAL_CONTROL, ALL_ON);
    write32(SERIAL + SERIAL_MASK, SERIAL_RECEIVED);
}

uint64_t board_registers(uint32_t slot)
{
    return VIRTIO + 512ul * slot;
}

void board_open_line(uint32_t slot)
{
    gic_open(FIRST_INTID + slot, 1);
}

void board_wait(void)
{
    wait_for_interrupt();
}

uint32_t board_hear(void)
{
    uint32_t word = 0;
    for (int i = 0; i < 4; i++) {
        while (read32(SERIAL + SERIAL_FLAGS) & RECEIVER_EMPTY)
            board_wait();
        word |= (read32(SERIAL) & 0xff) << 8 * i;
    }
    return word;
}

void board_say(uint32_t word)
{
    for (int i = 0; i < 4; i++)
        write32(SERIAL, word >> 8 * i & 0xff);
    while (!(read32(SERIAL + SERIAL_FLAGS) & SENDER_EMPTY))
        ;
}

_Noreturn void board_exit(uint32_t status)
{
    for (;;)
        write32(DEBUG_EXIT, status);
}
