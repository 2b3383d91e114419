/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A seam under the allocations, threads and descriptors of machines: the linker leads them here (--wrap), and the N-th
 * one fails, in whichever thread it comes. Blocks of memory that were taken and not given back are counted.
 */
#ifndef TESTS_MACHINE_SEAM_H
#define TESTS_MACHINE_SEAM_H

#include <stdbool.h>

/* From now on call number `n` fails, the first one being 1; 0: none. */
void machine_seam_fail(int n);

/* Whether such a call has come and failed. */
bool machine_seam_has_failed(void);

/* Blocks that are out. */
long machine_seam_held(void);

#endif
