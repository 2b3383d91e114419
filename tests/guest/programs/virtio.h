/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the test orders of the program "virtio", in words on the serial line: the order, the slot of a device but for
 * FINISH, the rest as said here. Each is answered by one word.
 */
#ifndef ABX_TESTS_VIRTIO_H
#define ABX_TESTS_VIRTIO_H

enum {
    FINISH = 0, /* ends the machine by debug-exit, status 0; no answer */
    OPEN,       /* a set of WITH_…: finds the device, negotiates, starts; the device's id, or 0 */
    RESET,      /* 0, when the device has been reset; OPEN starts it anew */
    STATUS,     /* the status register */
    INTERRUPTS, /* how many came */
    BREAK,      /* a chain that leads nowhere; the status register after the interrupt for it */
    SEND,       /* a count up to 8: so many requests that are not waited for (entropy: fill, block: read); the count */
    COLLECT,    /* waits for all of those; how many there were */
    SEND_AND_RESET, /* a count, turns to wait: SEND, reset at once, paint the buffers, start anew, one request; how
                       many bytes of the paint are gone */
    FILL,           /* entropy: a length up to 1024; how many bytes were given */
    CAPACITY,       /* block: in sectors */
    IDENTIFY,       /* block: the first 4 bytes of its serial number */
    WRITE,          /* block: sector, sectors up to 2, seed; the request's status */
    READ,           /* … the same; MISMATCH where it is not what WRITE wrote */
    FLUSH,          /* block: the request's status */
    SPARE,          /* balloon: the number of the first of SPARE_PAGES that nobody needs */
    TOUCH,          /* … writes to each of them; how many there are */
    TOUCHED,        /* … how many of them hold what TOUCH wrote */
    GIVE,           /* … queue, first of the spare pages, count: into the balloon or out of it; the used length */
    REPORT,         /* … first, count: they are free; the used length */
    KEEP,           /* … how many pages are inside: says so; how many there should be */
    TELL,           /* … available bytes: statistics, which are not waited for; 0 */
    AWAIT_QUESTION, /* … until the device wants others; 0 */
    HINT,           /* … first, count: waits for a command id, names them as free, and ends; the id */
    COMMAND,        /* … the command id that there is */
};

enum { SPARE_PAGES = 64 };

enum { WITH_PACKED = 1, WITH_INDIRECT = 2, WITH_EVENTS = 4, WITH_ALL = 7 };

enum { MISMATCH = 0x100 };

enum { ID_BLOCK = 2, ID_ENTROPY = 4, ID_BALLOON = 5 };

#endif
