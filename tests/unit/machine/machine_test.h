/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A machine that only notes what its device asks of it, and the guest's side of the bus. */
#ifndef TESTS_MACHINE_TEST_H
#define TESTS_MACHINE_TEST_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "device.h"

#include <pthread.h>

typedef struct fake_host {
    abx_bus ports;
    abx_bus mmio;
    abx_loop *loop; /* turns from the guest's first access on */
    bool turns;
    bool irqfd;
    abx_device device;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool level[24];
    unsigned edges[24]; /* how often a line rose */
    unsigned finished;
    abx_machine_end end;
    uint64_t code;
    unsigned told;
    abx_event_kind event;
    uint64_t event_code;
    char text[128];
} fake_host;

/* A machine with interrupt lines, or without. */
void fake_host_init(fake_host *host);
abx_device_host fake_host_interface(fake_host *host, bool lines);

/* Frees the device and the buses. */
void fake_host_end(fake_host *host);

/* IN and OUT of 1, 2 or 4 bytes. */
uint32_t guest_in(fake_host *host, uint16_t port, uint8_t size);
void guest_out(fake_host *host, uint16_t port, uint8_t size, uint32_t value);

/* INS and OUTS of `count` elements. */
void guest_string(fake_host *host, uint16_t port, uint8_t size, abx_direction direction, void *data, uint32_t count);

/* Loads and stores of 1, 2, 4 or 8 bytes. */
uint64_t guest_load(fake_host *host, uint64_t address, uint8_t size);
void guest_store(fake_host *host, uint64_t address, uint8_t size, uint64_t value);

/* Waits until `line` has `level`. */
void await_level(fake_host *host, unsigned line, bool level);

#endif
