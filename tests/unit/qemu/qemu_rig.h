/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A machine on real QEMU, its console in the test's hands. */
#ifndef TESTS_QEMU_RIG_H
#define TESTS_QEMU_RIG_H

#include "qemu_test.h"

#include <arcbox/arcbox.h>

typedef struct qemu_rig {
    abx_hypervisor *hypervisor;
    abx_vm *vm;
    int input[2];                 /* the test writes to [1] */
    int output[2];                /* the test reads from [0] */
    abx_device_config devices[2]; /* the console there and a debug-exit port */
    size_t descriptors;
    size_t threads;
} qemu_rig;

/* Whether QEMU for guests of `arch` is there; if not, prints what is missing. */
bool qemu_is_there(abx_arch arch);

/* Opens the backend and the console; `vm` is for the test to create. */
void qemu_rig_open(qemu_rig *rig, abx_arch arch);

/* The small guest (guest/small.S), doing `what`, with the rig's devices. */
abx_vm_config qemu_rig_config(const qemu_rig *rig, const char *what);

/* Creates that machine, and starts it. */
void qemu_rig_create(qemu_rig *rig, const char *what);
void qemu_rig_start(qemu_rig *rig, const char *what);

/* Destroys and closes everything. */
void qemu_rig_release(qemu_rig *rig);

/* The same, and asserts that nothing is left of it: descriptors, threads, processes. */
void qemu_rig_close(qemu_rig *rig);

/* Takes events until one of this kind comes. The others are dropped. */
abx_event qemu_rig_wait(const qemu_rig *rig, abx_event_kind kind);

/* Takes events until the state is `state`; the last guest or backend event before it, kind NONE if there was none. */
abx_event qemu_rig_wait_state(const qemu_rig *rig, abx_vm_state state);

/* Reads from the console until `text` has come. */
void qemu_rig_expect(const qemu_rig *rig, const char *text);

#endif
