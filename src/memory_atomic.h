/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Single-copy atomic access to guest memory: the functions of <arcbox/memory.h> for a space. */
#ifndef ABX_SRC_MEMORY_ATOMIC_H
#define ABX_SRC_MEMORY_ATOMIC_H

#include "memory_space.h"

abx_status abx_memory_space_load(abx_memory_space *space, abx_gpa gpa, uint32_t width, uint64_t *value);
abx_status abx_memory_space_store(abx_memory_space *space, abx_gpa gpa, uint32_t width, uint64_t value);
abx_status abx_memory_space_compare_swap(abx_memory_space *space, abx_gpa gpa, uint32_t width, uint64_t *expected,
                                         uint64_t desired, bool *swapped);

#endif
