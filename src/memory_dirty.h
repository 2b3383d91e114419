/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The log of written pages: the functions of <arcbox/memory.h> for a space. */
#ifndef ABX_SRC_MEMORY_DIRTY_H
#define ABX_SRC_MEMORY_DIRTY_H

#include "memory_space.h"

abx_status abx_memory_space_log_dirty(abx_memory_space *space, abx_gpa gpa, bool on);
abx_status abx_memory_space_get_dirty(abx_memory_space *space, abx_gpa gpa, uint64_t *bitmap, size_t words);
abx_status abx_memory_space_clear_dirty(abx_memory_space *space, abx_gpa gpa, const uint64_t *bitmap, size_t words);

#endif
