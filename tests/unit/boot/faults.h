/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* System calls and allocations of the library that fail when they are told to: the program is linked with --wrap. */
#ifndef TESTS_BOOT_FAULTS_H
#define TESTS_BOOT_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

/* From now on the call number `call` (from 1) fails; 0: none. */
void faults_begin(unsigned call);

/* Ends that; whether the call was reached. */
bool faults_end(void);

/* The name of the function that failed, for messages. */
const char *faults_name(void);

/* Blocks of memory that were allocated by these calls and not given back. */
size_t faults_live(void);

#endif
