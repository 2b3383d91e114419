/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A guest with a console whose ends are the test's. */
#ifndef TESTS_VIRTIO_CONSOLE_GUEST_H
#define TESTS_VIRTIO_CONSOLE_GUEST_H

#include "guest.h"

#include "virtio/console.h"

enum {
    /* Section 5.3.2. */
    RECEIVE = 0,
    TRANSMIT = 1,
    MESSAGES = 2,
    REPLIES = 3,
    RECEIVE_1 = 4,
    TRANSMIT_1 = 5,

    /* Section 5.3.6.2. */
    DEVICE_READY = 0,
    DEVICE_ADD = 1,
    DEVICE_REMOVE = 2,
    PORT_READY = 3,
    CONSOLE_PORT = 4,
    RESIZE = 5,
    PORT_OPEN = 6,
    PORT_NAME = 7,

    SIZE = 16, /* of queues */
};

#define F_SIZE      UINT64_C(1)
#define F_MULTIPORT UINT64_C(2)
#define F_EMERGENCY UINT64_C(4)

typedef struct console_guest {
    guest vm;
    int input[2];  /* pipe: what is written to [1] is the console's input */
    int output[2]; /* pipe: what comes out of [0] is its output */
} console_guest;

/* Makes the pipes, and after that the console of `config`. */
void console_begin(console_guest *self);
void console_make(console_guest *self, const abx_console_config *config);
void console_end(console_guest *self);

/* The console alone, with the pipes at its ends, running. */
void console_make_plain(console_guest *self);

/* Waits until the loop has done all that there was to do. */
void console_settle(console_guest *self);

/* Waits for a chain of a queue to be used: its length. */
uint32_t console_take(console_guest *self, uint32_t queue);

/* Whether nothing of a queue is used. */
bool console_is_quiet(console_guest *self, uint32_t queue);

/* Offers a buffer for input, or sends one. */
void console_offer(console_guest *self, uint32_t queue, abx_gpa gpa, uint32_t length);
void console_send(console_guest *self, uint32_t queue, abx_gpa gpa, uint32_t length);

/* Reads all of `length` bytes of an end of the test's, or writes them. */
void read_all(int fd, void *bytes, size_t length);
void write_all(int fd, const void *bytes, size_t length);

/* Byte `i` of a stream without a short period. */
uint8_t pattern(size_t i);

#endif
