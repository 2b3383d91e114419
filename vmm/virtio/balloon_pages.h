/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A set of the guest's pages: a bit for each 4 KiB of its RAM, so that a guest that says everything twice, or for ever,
 * makes it no larger. */
#ifndef ABX_VMM_VIRTIO_BALLOON_PAGES_H
#define ABX_VMM_VIRTIO_BALLOON_PAGES_H

#include <arcbox/machine_balloon.h>
#include <arcbox/memory.h>

#include <sys/uio.h>

typedef struct abx_balloon_part {
    abx_gpa gpa;
    uint64_t length;
    const char *host;
    uint64_t *pages; /* bit n: page n is in the set */
} abx_balloon_part;

/* Used by one thread at a time. All zero is the set of nothing. */
typedef struct abx_balloon_pages {
    abx_vm *vm;
    abx_balloon_part *parts; /* regions that the guest can write, in ascending order */
    size_t count;
} abx_balloon_pages;

/* An empty set for the RAM that `vm` has now. Errors: ABX_ERR_NO_MEMORY, those of abx_memory_list(). */
abx_status abx_balloon_pages_init(abx_balloon_pages *set, abx_vm *vm);
void abx_balloon_pages_end(abx_balloon_pages *set);

/* Within a stay: adds the pages that lie in a piece of a chain as a whole. The chain was found within the same stay. */
void abx_balloon_pages_add(abx_balloon_pages *set, const struct iovec *piece);

/* The set as ranges, in order and merged, the first ABX_BALLOON_RANGES_MAX of them; for free(). Errors:
 * ABX_ERR_NO_MEMORY. */
abx_status abx_balloon_pages_list(const abx_balloon_pages *set, abx_balloon_range **ranges, size_t *count);

#endif
