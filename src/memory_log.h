/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The pages of one region that the host wrote: a bitmap that is marked without a lock. */
#ifndef ABX_SRC_MEMORY_LOG_H
#define ABX_SRC_MEMORY_LOG_H

#include <arcbox/base.h>

typedef struct abx_dirty_log {
    uint64_t pages;
    size_t words;
    uint32_t page_shift;
    uint64_t *scratch; /* a bitmap for whoever holds the space's lock */
    uint64_t bits[];
} abx_dirty_log;

/* A clean log for `length` bytes; free() ends it. NULL: no memory. */
abx_dirty_log *abx_dirty_log_new(uint64_t length, uint32_t page_shift);

/* Enters [offset, offset + length), which lies within the region. */
void abx_dirty_log_mark(abx_dirty_log *log, uint64_t offset, uint64_t length);

/* ORs the log into `bitmap`. */
void abx_dirty_log_merge(const abx_dirty_log *log, uint64_t *bitmap);

/* Clears the pages whose bits are set in `bitmap`. */
void abx_dirty_log_clear(abx_dirty_log *log, const uint64_t *bitmap);

/* Clears all pages. */
void abx_dirty_log_reset(abx_dirty_log *log);

/* The bits of word `word` that stand for pages. */
uint64_t abx_dirty_log_valid(const abx_dirty_log *log, size_t word);

#endif
