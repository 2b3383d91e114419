/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Whole machines under test: one runs a guest program for programs/board.h and takes orders on its serial line. The
 * machine's event loop has a thread of its own, or is part of the loop in which the test waits for everything.
 */
#ifndef ABX_TESTS_MACHINE_RIG_H
#define ABX_TESTS_MACHINE_RIG_H

#include "harness.h"

#include <arcbox/machine.h>

typedef struct rig {
    abx_machine *machine;
    abx_vm *vm;
    abx_loop_kind loop;
    int orders[2];   /* pipes: to the guest */
    int answers[2];  /* … and from it */
    bool loop_rests; /* the test does not turn the loop for now */
} rig;

/* Makes a machine of `program` with a serial port, debug-exit and then `devices`, and starts it. */
void rig_open(rig *r, const char *program, const abx_device_config *devices, size_t count, abx_loop_kind loop);

/* Gives the guest an order: words. Its answer. A check of the guest's that fails ends the test and tells its line. */
#define rig_order(r, ...) rig_order_(r, (const uint32_t[]){ __VA_ARGS__ }, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4)
uint32_t rig_order_(rig *r, const uint32_t *words, size_t count);

/* … in two halves. */
#define rig_tell(r, ...) rig_tell_(r, (const uint32_t[]){ __VA_ARGS__ }, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4)
void rig_tell_(rig *r, const uint32_t *words, size_t count);
uint32_t rig_hear(rig *r);

/* Waits for an event of this kind; those before it are forgotten. */
abx_event rig_await_event(rig *r, uint32_t kind);

/* Waits until the guest has ended the machine well, and gives everything back. */
void rig_end(rig *r);

/* Destroys the machine as it is. */
void rig_destroy(rig *r);

#endif
