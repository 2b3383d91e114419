/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A guest without a CPU: it steers the registers of one device (Virtio 1.2, section 4.2) and has queues in memory. */
#ifndef TESTS_VIRTIO_GUEST_H
#define TESTS_VIRTIO_GUEST_H

#include "driver.h"
#include "machine_test.h"

#include "virtio/mmio_internal.h"

enum { WINDOW = 0x0d000000, LINE = 5 };

#define F_VERSION_1 ABX_VIRTIO_F_VERSION_1
#define F_PACKED    ABX_VIRTIO_F_RING_PACKED
#define F_TABLES    ABX_VIRTIO_F_INDIRECT_DESC
#define F_EVENTS    ABX_VIRTIO_F_EVENT_IDX

typedef struct guest {
    fake_host host;
    abx_vm *vm;
    driver queues[5]; /* the n-th has its rings 128 KiB after the one before */
} guest;

/* A guest with memory; its device is to be made with guest_interface(). */
void guest_begin(guest *self);
abx_device_host guest_interface(guest *self);

/* Frees the device as well. */
void guest_end(guest *self);

uint32_t guest_get(guest *self, uint64_t offset);
void guest_put(guest *self, uint64_t offset, uint32_t value);

/* What the device offers. */
uint64_t guest_offered(guest *self);

/* Resets the device, negotiates `features`; whether they were accepted. */
bool guest_negotiate(guest *self, uint64_t features);

/* Sets up queue `index` with `size` entries, as negotiated. */
void guest_set_queue(guest *self, uint32_t index, uint32_t size, uint64_t features);

/* All of it: `count` queues of `size` and DRIVER_OK. */
void guest_start(guest *self, uint64_t features, uint32_t count, uint32_t size);

/* Adds a chain to a queue and notifies. */
void guest_send(guest *self, uint32_t index, const buffer *buffers, uint32_t count);

/* Waits for an interrupt for used buffers, and acknowledges. */
void guest_await_interrupt(guest *self);

/* Sends a chain to a queue with nothing else in it, waits until it is used; the length. */
uint32_t guest_request(guest *self, uint32_t index, const buffer *buffers, uint32_t count);

/* Memory of the first region. */
uint8_t *guest_at(guest *self, abx_gpa gpa);

#endif
