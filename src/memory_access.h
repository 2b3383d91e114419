/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reading and writing guest memory: the functions of <arcbox/memory.h> for a space. */
#ifndef ABX_SRC_MEMORY_ACCESS_H
#define ABX_SRC_MEMORY_ACCESS_H

#include "memory_space.h"

abx_status abx_memory_space_read(abx_memory_space *space, abx_gpa gpa, void *buffer, size_t length);
abx_status abx_memory_space_write(abx_memory_space *space, abx_gpa gpa, const void *buffer, size_t length);
abx_status abx_memory_space_fill(abx_memory_space *space, abx_gpa gpa, uint8_t value, uint64_t length);
abx_status abx_memory_space_mark_dirty(abx_memory_space *space, abx_gpa gpa, uint64_t length);

/* Within a stay. Unlike abx_memory_at(), the whole of [gpa, gpa + length) need not be there. */
void *abx_memory_space_span(abx_memory_space *space, abx_gpa gpa, uint64_t length, bool for_write, uint64_t *available);
void *abx_memory_space_at(abx_memory_space *space, abx_gpa gpa, uint64_t length, bool for_write);

#endif
