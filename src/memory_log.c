/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_log.h"

#include <stdlib.h>

abx_dirty_log *abx_dirty_log_new(uint64_t length, uint32_t page_shift)
{
    uint64_t pages = length >> page_shift;
    size_t words = (size_t)(pages / 64 + (pages % 64 != 0));
    /* Zeroed memory of this size comes from the host untouched: a large clean log costs nothing. */
    abx_dirty_log *log = calloc(1, sizeof(*log) + 2 * words * sizeof(log->bits[0]));
    if (log) {
        log->pages = pages;
        log->words = words;
        log->page_shift = page_shift;
        log->scratch = log->bits + words;
    }
    return log;
}

static uint64_t mask_of(uint64_t first, uint64_t last)
{
    return (UINT64_MAX << first % 64) & (UINT64_MAX >> (63 - last % 64));
}

static void mark_word(uint64_t *word, uint64_t mask)
{
    /* Most writes go to pages that are marked already: those need no exclusive access. */
    if ((__atomic_load_n(word, __ATOMIC_RELAXED) & mask) != mask) {
        __atomic_fetch_or(word, mask, __ATOMIC_RELAXED);
    }
}

void abx_dirty_log_mark(abx_dirty_log *log, uint64_t offset, uint64_t length)
{
    if (length == 0) {
        return;
    }
    uint64_t first = offset >> log->page_shift;
    uint64_t last = (offset + length - 1) >> log->page_shift;
    for (uint64_t word = first / 64; word <= last / 64; word++) {
        uint64_t from = word == first / 64 ? first : word * 64;
        uint64_t to = word == last / 64 ? last : word * 64 + 63;
        mark_word(&log->bits[word], mask_of(from, to));
    }
}

void abx_dirty_log_merge(const abx_dirty_log *log, uint64_t *bitmap)
{
    for (size_t i = 0; i < log->words; i++) {
        bitmap[i] |= __atomic_load_n(&log->bits[i], __ATOMIC_RELAXED);
    }
}

void abx_dirty_log_clear(abx_dirty_log *log, const uint64_t *bitmap)
{
    for (size_t i = 0; i < log->words; i++) {
        if (bitmap[i]) {
            __atomic_fetch_and(&log->bits[i], ~bitmap[i], __ATOMIC_RELAXED);
        }
    }
}

void abx_dirty_log_reset(abx_dirty_log *log)
{
    for (size_t i = 0; i < log->words; i++) {
        __atomic_store_n(&log->bits[i], 0, __ATOMIC_RELAXED);
    }
}

uint64_t abx_dirty_log_valid(const abx_dirty_log *log, size_t word)
{
    return word + 1 < log->words || log->pages % 64 == 0 ? UINT64_MAX : mask_of(0, log->pages % 64 - 1);
}
