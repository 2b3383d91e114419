/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The registers of a 16550A (National Semiconductor PC16550D data sheet, section 8): a state machine without threads,
 * locks or descriptors. What the guest sends lies in `sent` until somebody takes it away; to the guest it is gone at
 * once. What it shall receive is put in while there is room.
 */
#ifndef ABX_VMM_UART_H
#define ABX_VMM_UART_H

#include "devices/serial_chip.h"

enum { ABX_UART_FIFO = ABX_SERIAL_FIFO };

enum {
    ABX_UART_DATA = 0, /* RBR and THR; divisor latch low */
    ABX_UART_IER = 1,  /* divisor latch high */
    ABX_UART_IIR = 2,  /* read; written: FCR */
    ABX_UART_LCR = 3,
    ABX_UART_MCR = 4,
    ABX_UART_LSR = 5,
    ABX_UART_MSR = 6,
    ABX_UART_SCR = 7,
};

typedef struct abx_uart {
    uint8_t ier, lcr, mcr, scr;
    uint16_t divisor;
    bool fifo;           /* FCR bit 0 */
    uint8_t trigger;     /* bytes in the receiver that raise its interrupt */
    bool overrun;        /* LSR bit 1 */
    uint8_t msr_changes; /* MSR bits 0-3 */
    bool sender_empty;   /* the interrupt "transmitter empty" is due */
    uint8_t polls;       /* reads of LSR in a row */
    uint8_t received[ABX_UART_FIFO];
    uint8_t first, count; /* of received */
    uint8_t sent[ABX_UART_FIFO];
    uint8_t sent_count;
} abx_uart;

/* The state after power-on. */
void abx_uart_reset(abx_uart *uart);

/* The guest accesses register 0 to 7. A write of DATA needs room in `sent`. */
uint8_t abx_uart_read(abx_uart *uart, uint32_t reg);
void abx_uart_write(abx_uart *uart, uint32_t reg, uint8_t value);

/* The level of the interrupt output. */
bool abx_uart_interrupts(const abx_uart *uart);

/*
 * How many bytes the guest would receive now. None before it listens, by having enabled the receiver's interrupt or by
 * reading LSR again and again: until then its driver may throw away what comes.
 */
size_t abx_uart_room(const abx_uart *uart);

/* Puts in at most abx_uart_room() bytes. */
void abx_uart_receive(abx_uart *uart, const uint8_t *bytes, size_t count);

/*
 * Whether what was sent should be taken away now. It may wait when the sender works by interrupt and with the FIFO: it
 * has more to send, or comes to look at its interrupt.
 */
bool abx_uart_send_due(const abx_uart *uart);

/* Takes away what was sent, in order; returns how many bytes. */
size_t abx_uart_take_sent(abx_uart *uart, uint8_t bytes[ABX_UART_FIFO]);

/* All of this as the chip of a serial port; its state: abx_uart. */
extern const abx_serial_chip abx_uart_chip;

#endif
