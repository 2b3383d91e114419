/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Giving guest memory back to the host: abx_memory_discard() for a space. */
#ifndef ABX_SRC_MEMORY_DISCARD_H
#define ABX_SRC_MEMORY_DISCARD_H

#include "memory_space.h"

abx_status abx_memory_space_discard(abx_memory_space *space, abx_gpa gpa, uint64_t length);

#endif
