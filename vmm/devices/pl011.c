/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "devices/pl011.h"

#include "devices/primecell.h"

#include <string.h>

/* Names and bits as in DDI 0183, section 3.3. */
enum {
    DR_OVERRUN = 1 << 11,
    RSR_OVERRUN = 1 << 3,

    FR_CTS = 1 << 0,
    FR_DSR = 1 << 1,
    FR_DCD = 1 << 2,
    FR_RECEIVER_EMPTY = 1 << 4,
    FR_RECEIVER_FULL = 1 << 6,
    FR_SENDER_EMPTY = 1 << 7,
    FR_RI = 1 << 8,

    LCR_H_FIFO = 1 << 4,

    CR_ENABLED = 1 << 0,
    CR_LOOP = 1 << 7,
    CR_SENDER = 1 << 8,
    CR_RECEIVER = 1 << 9,
    CR_DTR = 1 << 10,
    CR_RTS = 1 << 11,
    CR_OUT1 = 1 << 12,
    CR_OUT2 = 1 << 13,

    IFLS_RECEIVER_SHIFT = 3,
    IFLS_HALF = 0x12, /* both FIFOs, after reset */

    INT_RI = 1 << 0,
    INT_CTS = 1 << 1,
    INT_DCD = 1 << 2,
    INT_DSR = 1 << 3,
    INT_RECEIVED = 1 << 4,
    INT_SENT = 1 << 5,
    INT_TIMEOUT = 1 << 6, /* fewer bytes than the trigger, for a while */
    INT_OVERRUN = 1 << 10,
    INT_ALL = 0x7ff,

    PART = 0x011,
    REVISION = 1, /* r1p3: later ones have FIFOs of 32 bytes */

    LISTENING_POLLS = 4,
};

static void pl011_reset(void *state)
{
    abx_pl011 *uart = state;
    *uart = (abx_pl011){ .cr = CR_SENDER | CR_RECEIVER, .ifls = IFLS_HALF };
}

/* The modem's lines: those of an attached peer, or in loopback mode our own outputs RTS, DTR, Out1 and Out2. */
static uint32_t modem_lines(const abx_pl011 *uart)
{
    if (!(uart->cr & CR_LOOP))
        return FR_CTS | FR_DSR | FR_DCD;
    return (uart->cr & CR_RTS ? FR_CTS : 0u) | (uart->cr & CR_DTR ? FR_DSR : 0u) | (uart->cr & CR_OUT1 ? FR_DCD : 0u) |
           (uart->cr & CR_OUT2 ? FR_RI : 0u);
}

static void write_cr(abx_pl011 *uart, uint32_t value)
{
    uint32_t before = modem_lines(uart);
    uart->cr = value & 0xffff;
    uint32_t changed = before ^ modem_lines(uart);
    uart->latched |= (changed & FR_CTS ? INT_CTS : 0u) | (changed & FR_DSR ? INT_DSR : 0u) |
                     (changed & FR_DCD ? INT_DCD : 0u) | (changed & FR_RI ? INT_RI : 0u);
}

static bool could_listen(const abx_pl011 *uart)
{
    const uint32_t receiving = CR_ENABLED | CR_RECEIVER;
    return (uart->imsc & (INT_RECEIVED | INT_TIMEOUT)) && (uart->cr & receiving) == receiving;
}

/*
 * A driver listens from when it enables the receiver's interrupts with the receiver switched on, or sends with both.
 * Linux enables them before as well, for a moment: then it switches the receiver on and throws away what it finds there
 * (drivers/tty/serial/amba-pl011.c, pl011_startup).
 */
static void note_listening(abx_pl011 *uart)
{
    uart->listening = could_listen(uart);
}

static size_t capacity(const abx_pl011 *uart)
{
    return uart->lcr_h & LCR_H_FIFO ? ABX_SERIAL_FIFO : 1;
}

static void put(abx_pl011 *uart, uint8_t byte)
{
    if (uart->count >= capacity(uart)) {
        uart->overrun = true;
        uart->latched |= INT_OVERRUN;
        return;
    }
    uart->received[(uart->first + uart->count) % ABX_SERIAL_FIFO] = byte;
    uart->count++;
}

static uint32_t read_data(abx_pl011 *uart)
{
    uint32_t value = uart->overrun ? DR_OVERRUN : 0;
    if (uart->count > 0) {
        value |= uart->received[uart->first];
        uart->first = (uint8_t)((uart->first + 1) % ABX_SERIAL_FIFO);
        uart->count--;
        uart->overrun = false;
    }
    return value;
}

/* To the guest the byte leaves at once, which empties the sender anew. */
static void write_data(abx_pl011 *uart, uint8_t byte)
{
    uart->latched |= INT_SENT;
    if (uart->cr & CR_LOOP)
        put(uart, byte);
    else
        uart->sent[uart->sent_count++] = byte;
}

static uint32_t read_flags(abx_pl011 *uart)
{
    uint32_t value = modem_lines(uart) | FR_SENDER_EMPTY;
    if (uart->count == 0)
        value |= FR_RECEIVER_EMPTY;
    if (uart->count >= capacity(uart))
        value |= FR_RECEIVER_FULL;
    if (uart->polls < LISTENING_POLLS)
        uart->polls++;
    return value;
}

/* Table 3-13. */
static size_t receiver_trigger(const abx_pl011 *uart)
{
    static const uint8_t eighths[] = { 1, 2, 4, 6, 7, 7, 7, 7 };
    return uart->lcr_h & LCR_H_FIFO ? eighths[uart->ifls >> IFLS_RECEIVER_SHIFT & 7] * ABX_SERIAL_FIFO / 8u : 1;
}

/* The receiver's two are there as long as their cause is: nothing that is in the FIFO is forgotten. */
static uint32_t raw_interrupts(const abx_pl011 *uart)
{
    uint32_t raw = uart->latched;
    if (uart->count >= receiver_trigger(uart))
        raw |= INT_RECEIVED;
    if (uart->count > 0 && (uart->lcr_h & LCR_H_FIFO))
        raw |= INT_TIMEOUT;
    return raw;
}

static uint64_t pl011_read(void *state, uint64_t offset)
{
    abx_pl011 *uart = state;
    if (offset != ABX_PL011_FR)
        uart->polls = 0;
    switch (offset) {
    case ABX_PL011_DR:
        return read_data(uart);
    case ABX_PL011_RSR:
        return uart->overrun ? RSR_OVERRUN : 0;
    case ABX_PL011_FR:
        return read_flags(uart);
    case ABX_PL011_ILPR:
        return uart->ilpr;
    case ABX_PL011_IBRD:
        return uart->ibrd;
    case ABX_PL011_FBRD:
        return uart->fbrd;
    case ABX_PL011_LCR_H:
        return uart->lcr_h;
    case ABX_PL011_CR:
        return uart->cr;
    case ABX_PL011_IFLS:
        return uart->ifls;
    case ABX_PL011_IMSC:
        return uart->imsc;
    case ABX_PL011_RIS:
        return raw_interrupts(uart);
    case ABX_PL011_MIS:
        return raw_interrupts(uart) & uart->imsc;
    case ABX_PL011_DMACR:
        return uart->dmacr;
    default:
        return offset >= ABX_PRIMECELL_IDS ? abx_primecell_id(PART, REVISION, offset) : 0;
    }
}

static void pl011_write(void *state, uint64_t offset, uint32_t value)
{
    abx_pl011 *uart = state;
    uart->polls = 0;
    switch (offset) {
    case ABX_PL011_DR:
        write_data(uart, (uint8_t)value);
        note_listening(uart);
        break;
    case ABX_PL011_RSR:
        uart->overrun = false;
        break;
    case ABX_PL011_ILPR:
        uart->ilpr = value & 0xff;
        break;
    case ABX_PL011_IBRD:
        uart->ibrd = value & 0xffff;
        break;
    case ABX_PL011_FBRD:
        uart->fbrd = value & 0x3f;
        break;
    case ABX_PL011_LCR_H:
        uart->lcr_h = value & 0xff;
        break;
    case ABX_PL011_CR:
        write_cr(uart, value);
        break;
    case ABX_PL011_IFLS:
        uart->ifls = value & 0x3f;
        break;
    case ABX_PL011_IMSC:
        uart->imsc = value & INT_ALL;
        note_listening(uart);
        break;
    case ABX_PL011_ICR:
        uart->latched &= ~value;
        break;
    case ABX_PL011_DMACR: /* there is nobody to do it */
        uart->dmacr = value & 0x7;
        break;
    default:
        break;
    }
}

static bool pl011_tells_sent(uint64_t offset)
{
    return offset == ABX_PL011_FR || offset == ABX_PL011_RIS || offset == ABX_PL011_MIS;
}

static bool pl011_interrupts(const void *state)
{
    const abx_pl011 *uart = state;
    return raw_interrupts(uart) & uart->imsc;
}

static size_t pl011_received(const void *state)
{
    return ((const abx_pl011 *)state)->count;
}

static size_t pl011_room(const void *state)
{
    const abx_pl011 *uart = state;
    bool listening = (uart->listening && could_listen(uart)) || uart->polls == LISTENING_POLLS;
    if (!listening || (uart->cr & CR_LOOP) || uart->count >= capacity(uart))
        return 0;
    return capacity(uart) - uart->count;
}

static void pl011_receive(void *state, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put(state, bytes[i]);
}

static size_t pl011_sent(const void *state)
{
    return ((const abx_pl011 *)state)->sent_count;
}

static bool pl011_send_due(const void *state)
{
    const abx_pl011 *uart = state;
    if (uart->sent_count == 0)
        return false;
    bool by_interrupt = (uart->lcr_h & LCR_H_FIFO) && (uart->imsc & INT_SENT);
    return !by_interrupt || uart->sent_count == ABX_SERIAL_FIFO;
}

static size_t pl011_take_sent(void *state, uint8_t bytes[ABX_SERIAL_FIFO])
{
    abx_pl011 *uart = state;
    size_t count = uart->sent_count;
    memcpy(bytes, uart->sent, count);
    uart->sent_count = 0;
    return count;
}

const abx_serial_chip abx_pl011_chip = {
    .state_size = sizeof(abx_pl011),
    .length = ABX_PRIMECELL_SIZE,
    .reset = pl011_reset,
    .read = pl011_read,
    .write = pl011_write,
    .tells_sent = pl011_tells_sent,
    .interrupts = pl011_interrupts,
    .received = pl011_received,
    .room = pl011_room,
    .receive = pl011_receive,
    .sent = pl011_sent,
    .send_due = pl011_send_due,
    .take_sent = pl011_take_sent,
};
