/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A seam under the allocations and system calls of the core: the linker leads them here (--wrap), and the N-th one
 * fails. What was taken and not given back is counted.
 */
#ifndef TESTS_FAULT_SEAM_H
#define TESTS_FAULT_SEAM_H

#include <stdbool.h>

/* From now on call number `n` fails, the first one being 1; 0: none. */
void fault_seam_fail(unsigned n);

/* Whether such a call has come and failed. */
bool fault_seam_has_failed(void);

/* The number of blocks of memory, descriptors and semaphores that are out, and the bytes of mappings. */
long fault_seam_held(void);

#endif
