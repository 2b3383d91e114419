/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a guest does to a device, read from an input. */
#ifndef TESTS_FUZZ_STEPS_H
#define TESTS_FUZZ_STEPS_H

#include "guest.h"

enum { STEPS_SIZE = 16, STEPS_SPACE = 0x10000 };

/* The rest of an input; zeros after its end. */
typedef struct input {
    const uint8_t *bytes;
    size_t length;
} input;

uint64_t input_take(input *self, unsigned width);

/* Before the first step: rings and data are zeros. */
void steps_begin(guest *vm);

/* Accesses a register or memory, notifies of queue `index`, fills in a descriptor, makes something available: by bits 0
 * to 2 of `what`, and 4 and 5 for the width. False: 6 and 7 are the target's own. */
bool steps_take(guest *vm, uint32_t index, uint8_t what, input *in);

#endif
