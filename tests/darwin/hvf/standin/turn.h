/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One thread at a time runs guest code or changes the VM, in the order in which they come. Guest code gives way between
 * two instructions: so atomic instructions of several vCPUs are atomic, and mappings change at once for all.
 */
#ifndef ABX_TESTS_STANDIN_TURN_H
#define ABX_TESTS_STANDIN_TURN_H

#include <stdbool.h>

void turn_take(void);
void turn_give(void);

/* Whether others wait for it. */
bool turn_wanted(void);

#endif
