/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The guest's physical memory: translation at stage 2 (DDI 0487, D8). */
#ifndef ABX_TESTS_ORACLE_STAGE2_H
#define ABX_TESTS_ORACLE_STAGE2_H

#include <stdbool.h>
#include <stdint.h>

/* Makes a block of 2 MiB of the first 2 GiB of the guest be at `address`. */
void stage2_map(uint32_t ipa, uint64_t address, bool writable);

/* Switches it on. */
void stage2_on(void);

#endif
