/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The guest's side of a virtqueue, written for itself after Virtio 1.2, sections 2.7 and 2.8, over a VM's memory. */
#ifndef TESTS_VIRTIO_DRIVER_H
#define TESTS_VIRTIO_DRIVER_H

#include "cmocka_all.h"

#include "virtio/queue.h"

/* The memory of the VM: two regions side by side, and one that the guest cannot write. */
enum {
    RAM = 0x10000,
    RAM_SIZE = 0x200000,
    SECOND = RAM + RAM_SIZE,
    SECOND_SIZE = 0x10000,
    ROM = 0x1000000,
    ROM_SIZE = 0x10000,
    RINGS = RAM, /* where a driver's queue is, 1 MiB at most */
    DATA = RAM + 0x100000,

    F_NEXT = 1,
    F_WRITE = 2,
    F_INDIRECT = 4,
    F_AVAILABLE = 0x80,
    F_USED = 0x8000,
};

typedef struct buffer {
    abx_gpa gpa;
    uint32_t length;
    bool writable;
} buffer;

typedef struct driver {
    uint8_t *ram; /* of the first region */
    abx_virtqueue_layout layout;
    uint16_t next;      /* split: index of the available ring; packed: entry */
    uint16_t next_used; /* the same for used ones */
    bool wrap, used_wrap;
    uint32_t free;           /* descriptors */
    uint16_t entries[65536]; /* of the chain with this id; 0: none */
    uint16_t first_free;     /* split: a list through the table */
} driver;

/* A VM with that memory. */
abx_vm *driver_vm(void);

/* Where `gpa` of the first region is. */
uint8_t *driver_at(const driver *self, abx_gpa gpa);

/* A driver whose queue is zeroed memory at RINGS. */
void driver_init(driver *self, abx_vm *vm, uint32_t size, bool packed, bool indirect, bool event_index);

/* The same for a queue at `rings`. */
void driver_init_at(driver *self, abx_vm *vm, abx_gpa rings, uint32_t size, bool packed, bool indirect,
                    bool event_index);

/* Makes a chain available, in a table at `table` unless that is 0. Its id; -1: no room for it. */
int driver_add(driver *self, const buffer *buffers, uint32_t count, abx_gpa table);

/* Takes what the device gave back. */
bool driver_take(driver *self, uint32_t *id, uint32_t *length);

/* Whether the device wants to be notified of the `added` last chains (packed: descriptors). */
bool driver_should_kick(const driver *self, uint16_t added);

/* Asks for interrupts: none, all, or, with event index, when `after` more chains (packed: descriptors) are used. */
void driver_no_interrupts(driver *self);
void driver_all_interrupts(driver *self);
void driver_interrupt_after(driver *self, uint16_t after);

/* The raw parts, for what no driver does. */
void driver_put(driver *self, abx_gpa table, uint32_t index, uint64_t address, uint32_t length, uint16_t flags,
                uint16_t tail);
void driver_put_available(driver *self, uint16_t index, uint16_t head); /* split: an entry of the ring */
void driver_set_index(driver *self, uint16_t index);                    /* split: the ring's index */
uint16_t driver_marks(const driver *self);                              /* packed: flags of what is available now */

#endif
