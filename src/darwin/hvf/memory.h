/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the guest has mapped. Discarding takes pages away for a moment, and logging makes them unwritable: both give
 * aborts that are no exits. A vCPU tells them by what is kept here. A gap is open while pages are taken away, or while
 * their protection changes.
 */
#ifndef ABX_DARWIN_HVF_MEMORY_H
#define ABX_DARWIN_HVF_MEMORY_H

#include "hv_api.h"

#include <arcbox/backend.h>

#include <pthread.h>
#include <stdatomic.h>

enum {
    ABX_HVF_PAGE_SHIFT = 14,
    ABX_HVF_PAGE = 1 << ABX_HVF_PAGE_SHIFT, /* 16 KiB: what the framework maps */
    ABX_HVF_SLOTS = 512,
};

typedef struct abx_hvf_slot {
    bool mapped;
    abx_slot slot;
    uint64_t *dirty; /* with LOG_DIRTY: bit n, page n was written */
} abx_hvf_slot;

typedef struct abx_hvf_memory {
    pthread_mutex_t lock; /* of all but the counters; held while a gap is open */
    abx_hvf_slot *slots;  /* by their index, `count` of them */
    size_t count;
    atomic_uint_fast64_t gaps_opened, gaps_closed;
    atomic_uint logs; /* slots that are logged */
} abx_hvf_memory;

void abx_hvf_memory_init(abx_hvf_memory *memory);
void abx_hvf_memory_end(abx_hvf_memory *memory);

/* How `slot` is mapped. A logged one begins unwritable. */
hv_memory_flags_t abx_hvf_memory_protection(const abx_slot *slot);

/* The mapped slot that is `slot`, or NULL. Under the lock. */
abx_hvf_slot *abx_hvf_memory_find(abx_hvf_memory *memory, const abx_slot *slot);

/* The mapped slot with guest address `address` in it, or NULL. Under the lock. */
abx_hvf_slot *abx_hvf_memory_at(abx_hvf_memory *memory, hv_ipa_t address);

/* Around what may give such aborts. Under the lock. */
void abx_hvf_memory_open_gap(abx_hvf_memory *memory);
void abx_hvf_memory_close_gap(abx_hvf_memory *memory);

/* dirty.c. A clean log for a slot whose flags ask for one, and its end. Errors: ABX_ERR_NO_MEMORY. */
abx_status abx_hvf_dirty_begin(abx_hvf_memory *memory, abx_hvf_slot *mapped);
void abx_hvf_dirty_end(abx_hvf_memory *memory, abx_hvf_slot *mapped);

/* For a vCPU, before it enters the guest. */
static inline uint64_t abx_hvf_memory_gaps(abx_hvf_memory *memory)
{
    return atomic_load(&memory->gaps_closed);
}

/*
 * fault.c. Whether an abort at guest address `address` is one of those that are no exits, `gaps` being from before the
 * run: waits for an open gap and enters writes in the log. Errors: as abx_hv_check().
 */
abx_status abx_hvf_memory_fault(abx_hvf_memory *memory, uint64_t gaps, hv_ipa_t address, bool write, bool *again);

#endif
