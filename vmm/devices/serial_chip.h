/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The registers of a serial port as a value: state machines without threads, locks or descriptors. */
#ifndef ABX_VMM_DEVICES_SERIAL_CHIP_H
#define ABX_VMM_DEVICES_SERIAL_CHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ABX_SERIAL_FIFO = 16 }; /* bytes, in each direction */

/*
 * What the guest sends lies inside until somebody takes it away; to the guest it is gone at once. What it shall receive
 * is put in while there is room. Every function is given the state.
 */
typedef struct abx_serial_chip {
    size_t state_size;
    uint64_t length; /* of the registers */

    /* The state after power-on. */
    void (*reset)(void *state);

    /* The guest accesses a register. A write of data needs room for what is sent. */
    uint64_t (*read)(void *state, uint64_t offset);
    void (*write)(void *state, uint64_t offset, uint32_t value);

    /* Whether reading this register may tell that all has been sent. */
    bool (*tells_sent)(uint64_t offset);

    /* The level of the interrupt output. */
    bool (*interrupts)(const void *state);

    /*
     * How many received bytes the guest has not read, and how many more it would receive now. None before it listens,
     * by having enabled the receiver's interrupt or by asking for its state again and again: until then its driver may
     * throw away what comes.
     */
    size_t (*received)(const void *state);
    size_t (*room)(const void *state);

    /* Puts in at most as many bytes as there is room for. */
    void (*receive)(void *state, const uint8_t *bytes, size_t count);

    /*
     * How many bytes were sent and not taken away, and whether they should be now. They may wait when the sender works
     * by interrupt and with the FIFO: it has more to send, or comes to look at its interrupt.
     */
    size_t (*sent)(const void *state);
    bool (*send_due)(const void *state);

    /* Takes away what was sent, in order; returns how many bytes. */
    size_t (*take_sent)(void *state, uint8_t bytes[ABX_SERIAL_FIFO]);
} abx_serial_chip;

#endif
