/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The host's side of one region: where its pages come from and how they go back. Nothing is populated ahead. */
#ifndef ABX_SRC_MEMORY_HOST_H
#define ABX_SRC_MEMORY_HOST_H

#include <arcbox/memory.h>

typedef struct abx_host_memory {
    void *address;
    size_t length;
    abx_backing backing;
    size_t page_size; /* of the pages it is made of: what can be given back at least */
    void *mapping;    /* what is unmapped in the end: the memory and what was reserved around it */
    size_t mapped;    /* bytes of it */
    int fd;           /* MEMFD: the memory file; otherwise -1 */
} abx_host_memory;

/*
 * Maps the memory that `region` describes, whose addresses and lengths are checked already. Where the host can back it
 * with 2 MiB pages, host and guest address agree modulo 2 MiB. Errors: ABX_ERR_INVALID (file is none),
 * ABX_ERR_RANGE (beyond the file's end), ABX_ERR_NOT_SUPPORTED, ABX_ERR_NO_MEMORY, ABX_ERR_PERMISSION, ABX_ERR_LIMIT,
 * ABX_ERR_SYSTEM.
 */
abx_status abx_host_memory_map(abx_host_memory *memory, const abx_memory_region *region);

/* Unmaps it and closes the memory file. The caller's memory is left alone. */
void abx_host_memory_unmap(abx_host_memory *memory);

/*
 * Gives back the pages that lie wholly within [offset, offset + length). `*first` and `*last` get the range of offsets
 * that was given back; it is empty when no page lies within. Errors: ABX_ERR_NOT_SUPPORTED, ABX_ERR_SYSTEM.
 */
abx_status abx_host_memory_discard(const abx_host_memory *memory, uint64_t offset, uint64_t length, uint64_t *first,
                                   uint64_t *last);

/* What abx_host_memory_discard() would say of any range, without doing it. */
abx_status abx_host_memory_can_discard(const abx_host_memory *memory);

#endif
