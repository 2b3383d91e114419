/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "devices/uart.h"

#include <string.h>

enum {
    IER_RECEIVED = 0x01,
    IER_SENDER_EMPTY = 0x02,
    IER_LINE_STATUS = 0x04,
    IER_MODEM_STATUS = 0x08,
    IER_MASK = 0x0f,

    IIR_MODEM_STATUS = 0x00,
    IIR_NONE = 0x01,
    IIR_SENDER_EMPTY = 0x02,
    IIR_RECEIVED = 0x04,
    IIR_LINE_STATUS = 0x06,
    IIR_TIMEOUT = 0x0c, /* fewer bytes than the trigger, for a while */
    IIR_FIFO = 0xc0,

    FCR_FIFO = 0x01,
    FCR_CLEAR_RECEIVER = 0x02,
    FCR_TRIGGER_SHIFT = 6,

    LCR_DIVISOR = 0x80,

    MCR_LOOP = 0x10,
    MCR_MASK = 0x1f,

    LSR_RECEIVED = 0x01,
    LSR_OVERRUN = 0x02,
    LSR_SENDER_EMPTY = 0x60, /* holding register and shift register */

    MSR_CTS = 0x10,
    MSR_DSR = 0x20,
    MSR_RI = 0x40,
    MSR_DCD = 0x80,

    LISTENING_POLLS = 4,
};

void abx_uart_reset(abx_uart *uart)
{
    *uart = (abx_uart){ .divisor = 12, .trigger = 1, .sender_empty = true }; /* 9600 baud of a 1.8432 MHz clock */
}

/* The modem's lines: those of an attached peer, or in loopback mode our own outputs RTS, DTR, OUT1 and OUT2. */
static uint8_t modem_lines(const abx_uart *uart)
{
    if (!(uart->mcr & MCR_LOOP))
        return MSR_CTS | MSR_DSR | MSR_DCD;
    return (uint8_t)((uart->mcr & 0x02) << 3 | (uart->mcr & 0x01) << 5 | (uart->mcr & 0x0c) << 4);
}

static void write_mcr(abx_uart *uart, uint8_t value)
{
    uint8_t before = modem_lines(uart);
    uart->mcr = value & MCR_MASK;
    uint8_t changed = before ^ modem_lines(uart);
    if (!(before & MSR_RI))
        changed &= (uint8_t)~MSR_RI; /* only its trailing edge counts */
    uart->msr_changes |= changed >> 4;
}

static size_t capacity(const abx_uart *uart)
{
    return uart->fifo ? ABX_UART_FIFO : 1;
}

static void put(abx_uart *uart, uint8_t byte)
{
    if (uart->count >= capacity(uart)) {
        uart->overrun = true;
        return;
    }
    uart->received[(uart->first + uart->count) % ABX_UART_FIFO] = byte;
    uart->count++;
}

static uint8_t get(abx_uart *uart)
{
    if (uart->count == 0)
        return 0;
    uint8_t byte = uart->received[uart->first];
    uart->first = (uint8_t)((uart->first + 1) % ABX_UART_FIFO);
    uart->count--;
    return byte;
}

/*
 * Clearing the sender's FIFO does nothing: to the guest, all that is in there has left. Nor does clearing that of the
 * receiver: what came from outside may as well have come a moment later, and would otherwise be lost whenever a driver
 * starts. In loopback mode it has to be gone.
 */
static void write_fcr(abx_uart *uart, uint8_t value)
{
    static const uint8_t triggers[] = { 1, 4, 8, 14 };
    bool fifo = value & FCR_FIFO;
    bool clear = fifo != uart->fifo || (fifo && (value & FCR_CLEAR_RECEIVER));
    if (clear && (uart->mcr & MCR_LOOP))
        uart->count = 0;
    uart->fifo = fifo;
    uart->trigger = fifo ? triggers[value >> FCR_TRIGGER_SHIFT] : 1;
}

/* The most urgent reason for an interrupt (data sheet, table IV). */
static uint8_t interrupt_reason(const abx_uart *uart)
{
    if ((uart->ier & IER_LINE_STATUS) && uart->overrun)
        return IIR_LINE_STATUS;
    if ((uart->ier & IER_RECEIVED) && uart->count > 0)
        return uart->count >= uart->trigger ? IIR_RECEIVED : IIR_TIMEOUT;
    if ((uart->ier & IER_SENDER_EMPTY) && uart->sender_empty)
        return IIR_SENDER_EMPTY;
    if ((uart->ier & IER_MODEM_STATUS) && uart->msr_changes)
        return IIR_MODEM_STATUS;
    return IIR_NONE;
}

static uint8_t read_iir(abx_uart *uart)
{
    uint8_t reason = interrupt_reason(uart);
    if (reason == IIR_SENDER_EMPTY)
        uart->sender_empty = false;
    return uart->fifo ? reason | IIR_FIFO : reason;
}

static uint8_t read_lsr(abx_uart *uart)
{
    uint8_t value = LSR_SENDER_EMPTY;
    if (uart->count > 0)
        value |= LSR_RECEIVED;
    if (uart->overrun)
        value |= LSR_OVERRUN;
    uart->overrun = false;
    if (uart->polls < LISTENING_POLLS)
        uart->polls++;
    return value;
}

static uint8_t read_msr(abx_uart *uart)
{
    uint8_t value = modem_lines(uart) | uart->msr_changes;
    uart->msr_changes = 0;
    return value;
}

uint8_t abx_uart_read(abx_uart *uart, uint32_t reg)
{
    if (reg != ABX_UART_LSR)
        uart->polls = 0;
    bool divisor = uart->lcr & LCR_DIVISOR;
    switch (reg) {
    case ABX_UART_DATA:
        return divisor ? (uint8_t)uart->divisor : get(uart);
    case ABX_UART_IER:
        return divisor ? (uint8_t)(uart->divisor >> 8) : uart->ier;
    case ABX_UART_IIR:
        return read_iir(uart);
    case ABX_UART_LCR:
        return uart->lcr;
    case ABX_UART_MCR:
        return uart->mcr;
    case ABX_UART_LSR:
        return read_lsr(uart);
    case ABX_UART_MSR:
        return read_msr(uart);
    default:
        return uart->scr;
    }
}

static void write_data(abx_uart *uart, uint8_t value)
{
    if (uart->lcr & LCR_DIVISOR) {
        uart->divisor = (uint16_t)((uart->divisor & 0xff00) | value);
        return;
    }
    if (uart->mcr & MCR_LOOP)
        put(uart, value);
    else if (uart->sent_count < ABX_UART_FIFO)
        uart->sent[uart->sent_count++] = value;
    uart->sender_empty = true;
}

static void write_ier(abx_uart *uart, uint8_t value)
{
    if (uart->lcr & LCR_DIVISOR) {
        uart->divisor = (uint16_t)((uart->divisor & 0x00ff) | value << 8);
        return;
    }
    /* Enabling it while the sender is empty, which it always is, raises the interrupt anew. */
    if (~uart->ier & value & IER_SENDER_EMPTY)
        uart->sender_empty = true;
    uart->ier = value & IER_MASK;
}

void abx_uart_write(abx_uart *uart, uint32_t reg, uint8_t value)
{
    uart->polls = 0;
    switch (reg) {
    case ABX_UART_DATA:
        write_data(uart, value);
        break;
    case ABX_UART_IER:
        write_ier(uart, value);
        break;
    case ABX_UART_IIR:
        write_fcr(uart, value);
        break;
    case ABX_UART_LCR:
        uart->lcr = value;
        break;
    case ABX_UART_MCR:
        write_mcr(uart, value);
        break;
    case ABX_UART_SCR:
        uart->scr = value;
        break;
    default: /* LSR and MSR are for reading */
        break;
    }
}

bool abx_uart_interrupts(const abx_uart *uart)
{
    return interrupt_reason(uart) != IIR_NONE;
}

size_t abx_uart_room(const abx_uart *uart)
{
    bool listening = (uart->ier & IER_RECEIVED) || uart->polls == LISTENING_POLLS;
    if (!listening || (uart->mcr & MCR_LOOP) || uart->count >= capacity(uart))
        return 0;
    return capacity(uart) - uart->count;
}

void abx_uart_receive(abx_uart *uart, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put(uart, bytes[i]);
}

bool abx_uart_send_due(const abx_uart *uart)
{
    if (uart->sent_count == 0)
        return false;
    bool by_interrupt = uart->fifo && (uart->ier & IER_SENDER_EMPTY);
    return !by_interrupt || uart->sent_count == ABX_UART_FIFO;
}

size_t abx_uart_take_sent(abx_uart *uart, uint8_t bytes[ABX_UART_FIFO])
{
    size_t count = uart->sent_count;
    memcpy(bytes, uart->sent, count);
    uart->sent_count = 0;
    return count;
}

static void chip_reset(void *state)
{
    abx_uart_reset(state);
}

/* An 8-bit device: of a wider access it answers the first byte. */
static uint64_t chip_read(void *state, uint64_t offset)
{
    return UINT64_C(0xffffffffffffff00) | abx_uart_read(state, (uint32_t)offset);
}

static void chip_write(void *state, uint64_t offset, uint32_t value)
{
    abx_uart_write(state, (uint32_t)offset, (uint8_t)value);
}

static bool chip_tells_sent(uint64_t offset)
{
    return offset == ABX_UART_LSR || offset == ABX_UART_IIR;
}

static bool chip_interrupts(const void *state)
{
    return abx_uart_interrupts(state);
}

static size_t chip_received(const void *state)
{
    return ((const abx_uart *)state)->count;
}

static size_t chip_room(const void *state)
{
    return abx_uart_room(state);
}

static void chip_receive(void *state, const uint8_t *bytes, size_t count)
{
    abx_uart_receive(state, bytes, count);
}

static size_t chip_sent(const void *state)
{
    return ((const abx_uart *)state)->sent_count;
}

static bool chip_send_due(const void *state)
{
    return abx_uart_send_due(state);
}

static size_t chip_take_sent(void *state, uint8_t bytes[ABX_SERIAL_FIFO])
{
    return abx_uart_take_sent(state, bytes);
}

const abx_serial_chip abx_uart_chip = {
    .state_size = sizeof(abx_uart),
    .length = 8,
    .reset = chip_reset,
    .read = chip_read,
    .write = chip_write,
    .tells_sent = chip_tells_sent,
    .interrupts = chip_interrupts,
    .received = chip_received,
    .room = chip_room,
    .receive = chip_receive,
    .sent = chip_sent,
    .send_due = chip_send_due,
    .take_sent = chip_take_sent,
};
