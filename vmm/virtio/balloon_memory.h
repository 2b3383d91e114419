/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Guest memory on its way back to the host. Neighbours go together, one system call for all of them; what is not the
 * guest's RAM is left alone. Of host pages that are larger than the balloon's (16 KiB, huge pages) those go back that
 * are in the balloon as a whole.
 */
#ifndef ABX_VMM_VIRTIO_BALLOON_MEMORY_H
#define ABX_VMM_VIRTIO_BALLOON_MEMORY_H

#include <arcbox/memory.h>

#include <stdatomic.h>
#include <sys/uio.h>

#define ABX_BALLOON_PAGE UINT64_C(4096) /* Virtio 1.2, section 5.5.6: whatever the guest's own pages are */

/* RAM that can go back. */
typedef struct abx_balloon_region {
    abx_gpa gpa;
    uint64_t length;
    const char *host;
    uint64_t page;       /* the host's page, in bytes */
    uint64_t *ballooned; /* pages of the balloon, a bit for each, and … */
    uint32_t *filled;    /* … how many of them are in each page of the host's. NULL: its pages are as small */
} abx_balloon_region;

/* Used by one thread at a time; the counts are for any. */
typedef struct abx_balloon_memory {
    abx_vm *vm;
    uint64_t size; /* of all RAM, in bytes */
    abx_balloon_region *regions;
    size_t count;
    const abx_balloon_region *run_region; /* NULL: nothing is gathered */
    uint64_t run_start, run_end;          /* offsets in it */
    _Atomic uint64_t discarded;           /* bytes */
    _Atomic uint64_t failures;            /* to discard */
} abx_balloon_memory;

/* For the RAM that `vm` has now; what comes later stays out of this. Errors: ABX_ERR_NO_MEMORY, those of
 * abx_memory_list(). */
abx_status abx_balloon_memory_init(abx_balloon_memory *memory, abx_vm *vm);
void abx_balloon_memory_end(abx_balloon_memory *memory);

/* A page of the balloon, by its number, came in or went out. */
void abx_balloon_memory_inflate(abx_balloon_memory *memory, uint32_t number);
void abx_balloon_memory_deflate(abx_balloon_memory *memory, uint32_t number);

/* Within a stay: a piece of a chain, which was found within the same stay, is free. */
void abx_balloon_memory_report(abx_balloon_memory *memory, const struct iovec *piece);

/* Gives back what was gathered. */
void abx_balloon_memory_flush(abx_balloon_memory *memory);

/* The balloon is empty. */
void abx_balloon_memory_forget(abx_balloon_memory *memory);

#endif
