/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What each target has: libFuzzer calls it, or replay.c with the files of a corpus. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Runs one input. Whatever it is, nothing bad may happen; returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
