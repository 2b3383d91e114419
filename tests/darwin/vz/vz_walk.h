/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Every call that can fail does, one after the other: of the runtime, of Foundation, of the framework and its
 * completions, of the C library. Each time the operation must say so, and nothing may be left.
 */
#ifndef TESTS_VZ_WALK_H
#define TESTS_VZ_WALK_H

#include "vz_test.h"

/* What a walk goes through, for a VM in the state that `prepare` brings it into; `act` is walked. */
typedef struct scenario {
    void (*configure)(rig *r);
    void (*prepare)(rig *r);
    abx_status (*act)(rig *r);
    long least; /* so many calls can fail at least */
} scenario;

void walk(rig *r, const scenario *it);

/* What a VM can be connected to while a walk goes on: a console's pipes, the ends of a network. */
extern int walk_console[2][2], walk_frames[2];

/* An act: creates the VM. */
abx_status walk_create(rig *r);

/* A configuration of a machine that has been there before. */
void walk_old_identifier(rig *r);

#endif
