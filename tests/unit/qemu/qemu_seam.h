/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A seam under the allocations and system calls of the qemu backend: the linker leads them here (--wrap), and the N-th
 * one fails, on whichever thread it comes.
 */
#ifndef TESTS_QEMU_SEAM_H
#define TESTS_QEMU_SEAM_H

#include <stdbool.h>

/* From now on call number `n` fails, the first one being 1; 0: none. */
void qemu_seam_fail(int n);

/* The name of the call that has failed, NULL for none. */
const char *qemu_seam_failed(void);

/* The number of blocks of memory that are out. */
long qemu_seam_held(void);

#endif
