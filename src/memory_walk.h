/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Going through a range of guest memory region by region. */
#ifndef ABX_SRC_MEMORY_WALK_H
#define ABX_SRC_MEMORY_WALK_H

#include "memory_map.h"
#include "memory_space.h"

/* What is done with one piece of the range: [offset, offset + length) of an entry. */
typedef abx_status (*abx_memory_visit)(const abx_memory_entry *entry, uint64_t offset, uint64_t length, void *context);

/*
 * Makes a stay, sees that all of [gpa, gpa + length) is there, and only then visits its pieces in ascending order until
 * one fails. An empty range is there everywhere. `operation` is a verb for the error's text. Errors: ABX_ERR_RANGE and
 * the visits'.
 */
abx_status abx_memory_walk(abx_memory_space *space, abx_gpa gpa, uint64_t length, const char *operation,
                           abx_memory_visit visit, void *context);

#endif
