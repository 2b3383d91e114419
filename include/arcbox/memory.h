/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Guest memory: regions by guest physical address, checked access, zero-copy access, dirty log, discard. */
#ifndef ARCBOX_MEMORY_H
#define ARCBOX_MEMORY_H

#include <arcbox/base.h>
#include <arcbox/config.h>
#include <arcbox/error.h>
#include <arcbox/vm.h>

ABX_BEGIN_DECLS

enum {
    ABX_MEMORY_READ_ONLY = 1 << 0, /* guest writes come out as MMIO exits; host writes through this API are allowed */
    ABX_MEMORY_LOG_DIRTY = 1 << 1, /* log written pages */
};

/* A region to add. gpa, length and offset are multiples of the page size (capabilities.page_size; of the huge page
 * where one is asked for). */
typedef struct abx_memory_region {
    size_t size; /* set by ABX_MEMORY_REGION_INIT */
    abx_gpa gpa;
    uint64_t length; /* in bytes, not 0; gpa + length fits the guest's address width */
    uint32_t flags;  /* ABX_MEMORY_… */
    abx_backing backing;
    abx_huge_pages huge_pages;
    int fd;          /* FILE_*: the file; it stays the caller's and may be closed afterwards */
    uint64_t offset; /* FILE_*: where in the file; offset + length must lie within it */
    void *host;      /* HOST: page-aligned memory of `length` bytes */
} abx_memory_region;

#define ABX_MEMORY_REGION_INIT                                                                                         \
    {                                                                                                                  \
        .size = sizeof(abx_memory_region), .fd = -1                                                                    \
    }

/* What abx_memory_list() says of a region. */
typedef struct abx_memory_info {
    abx_gpa gpa;
    uint64_t length;
    uint32_t flags;
    uint32_t slot; /* the backend's number for it */
    abx_backing backing;
    abx_huge_pages huge_pages;
    void *host;      /* where it is mapped in this process */
    int fd;          /* MEMFD: the memory file (the library's: duplicate it to keep it); otherwise -1 */
    uint64_t offset; /* FILE_*: where in the file */
} abx_memory_info;

/*
 * Adds a region, also while the VM runs. Any thread.
 * Errors: ABX_ERR_INVALID (alignment, flags, backing), ABX_ERR_EXISTS (overlaps a region), ABX_ERR_RANGE (beyond the
 * guest's address width or the file's end), ABX_ERR_LIMIT (slots), ABX_ERR_NOT_SUPPORTED (managed backend, read-only,
 * huge pages), ABX_ERR_NO_MEMORY, ABX_ERR_PERMISSION (file not writable), ABX_ERR_STATE (stopped), ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_memory_add(abx_vm *vm, const abx_memory_region *region) ABX_MUST_CHECK;

/*
 * Removes the region that starts at `gpa`, also while the VM runs: first the guest loses it, then readers
 * (abx_memory_enter()) are waited for, then it is unmapped. Any thread that is not itself between abx_memory_enter()
 * and abx_memory_leave(). Errors: ABX_ERR_INVALID, ABX_ERR_NOT_FOUND, ABX_ERR_NOT_SUPPORTED (managed backend, running
 * without ABX_CAP_MEMORY_HOTPLUG), ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_memory_remove(abx_vm *vm, abx_gpa gpa) ABX_MUST_CHECK;

/*
 * The regions in ascending order of gpa. `infos` has room for `capacity` and may be NULL when that is 0; `*count` gets
 * the number of regions, which may be larger. Any thread. Errors: ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED (managed
 * backend).
 */
ABX_API abx_status abx_memory_list(abx_vm *vm, abx_memory_info *infos, size_t capacity, size_t *count) ABX_MUST_CHECK;

/*
 * Copies `length` bytes out of or into guest memory; a range may span adjoining regions. All or nothing: the range is
 * checked before a byte is copied. Writes are entered in the dirty log. Writing to read-only regions is allowed: it is
 * how their content gets there. Any thread. Errors: ABX_ERR_INVALID, ABX_ERR_RANGE (not wholly backed),
 * ABX_ERR_NOT_SUPPORTED (managed backend).
 */
ABX_API abx_status abx_memory_read(abx_vm *vm, abx_gpa gpa, void *buffer, size_t length) ABX_MUST_CHECK;
ABX_API abx_status abx_memory_write(abx_vm *vm, abx_gpa gpa, const void *buffer, size_t length) ABX_MUST_CHECK;

/* Sets `length` bytes to `value`; otherwise as abx_memory_write(). */
ABX_API abx_status abx_memory_fill(abx_vm *vm, abx_gpa gpa, uint8_t value, uint64_t length) ABX_MUST_CHECK;

/*
 * Single-copy atomic access of `width` bytes (1, 2, 4 or 8) at a naturally aligned address, in the host's byte order.
 * Loads acquire, stores release, compare-and-swap does both: `*expected` gets what was there, `*swapped` whether it was
 * replaced. Any thread. Errors: ABX_ERR_INVALID (width, alignment), ABX_ERR_RANGE, ABX_ERR_NOT_SUPPORTED.
 */
ABX_API abx_status abx_memory_load(abx_vm *vm, abx_gpa gpa, uint32_t width, uint64_t *value) ABX_MUST_CHECK;
ABX_API abx_status abx_memory_store(abx_vm *vm, abx_gpa gpa, uint32_t width, uint64_t value) ABX_MUST_CHECK;
ABX_API abx_status abx_memory_compare_swap(abx_vm *vm, abx_gpa gpa, uint32_t width, uint64_t *expected,
                                           uint64_t desired, bool *swapped) ABX_MUST_CHECK;

/* A stay among the regions: pointers got within it stay valid until it ends. A value; give it back as it is. */
typedef struct abx_memory_guard {
    uint32_t slot;
} abx_memory_guard;

/*
 * Begins and ends a stay. Neither takes a lock; stays of one thread may nest. Keep them short: abx_memory_remove()
 * waits for those that began before it. Any thread; another one may leave, for what is under way in the meantime.
 */
ABX_API abx_memory_guard abx_memory_enter(abx_vm *vm);
ABX_API void abx_memory_leave(abx_vm *vm, abx_memory_guard guard);

/*
 * Within a stay: the host address of [gpa, gpa + length), which must lie in one region; NULL when it does not (no error
 * record is made) or on a managed backend. With `for_write` the range is entered in the dirty log and read-only regions
 * give NULL. Takes no lock, allocates nothing.
 */
ABX_API void *abx_memory_at(abx_vm *vm, abx_gpa gpa, uint64_t length, bool for_write);

/* Within a stay: as abx_memory_at(), but the range may be cut: `*available` gets how many of `length` bytes are
 * contiguous from the address returned. */
ABX_API void *abx_memory_span(abx_vm *vm, abx_gpa gpa, uint64_t length, bool for_write, uint64_t *available);

/*
 * Gives the pages of a range back to the host, wholly contained pages only (huge pages as a whole). Anonymous and
 * memory-file pages read as zeros afterwards, private file pages as the file; that change is entered in the dirty log.
 * While the VM runs the guest may touch them again at once. Any thread. Errors: ABX_ERR_INVALID, ABX_ERR_RANGE,
 * ABX_ERR_NOT_SUPPORTED (shared file, the caller's memory, managed backend), ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_memory_discard(abx_vm *vm, abx_gpa gpa, uint64_t length) ABX_MUST_CHECK;

/*
 * Starts or ends the log of written pages for the region at `gpa`; its other flags stay as they are. Starting gives a
 * clean log and waits for stays that began before, as their writes would be missed; a log that is on already goes on.
 * Any thread that is not itself between abx_memory_enter() and abx_memory_leave(). Errors: ABX_ERR_INVALID,
 * ABX_ERR_NOT_FOUND, ABX_ERR_NOT_SUPPORTED, ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_memory_log_dirty(abx_vm *vm, abx_gpa gpa, bool on) ABX_MUST_CHECK;

/*
 * Fetches which pages of the region at `gpa` were written since they were last cleared, by the guest or by the host
 * through this API: bit n of `bitmap` (64-bit words, least significant first) is page n. `words` is the bitmap's length
 * in words: at least pages / 64, rounded up. Does not clear: abx_memory_clear_dirty() does, so that pages written
 * between the two are not lost. Any thread. Errors: ABX_ERR_INVALID, ABX_ERR_NOT_FOUND, ABX_ERR_LIMIT (bitmap too
 * short), ABX_ERR_STATE (log is off), ABX_ERR_NOT_SUPPORTED, ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_memory_get_dirty(abx_vm *vm, abx_gpa gpa, uint64_t *bitmap, size_t words) ABX_MUST_CHECK;

/*
 * Clears the pages whose bits are set in `bitmap` (as fetched) and watches them again. Waits for stays that began
 * before: pages that are copied after this hold what was written through their pointers. Any thread that is not itself
 * between abx_memory_enter() and abx_memory_leave(). Errors: as abx_memory_get_dirty().
 */
ABX_API abx_status abx_memory_clear_dirty(abx_vm *vm, abx_gpa gpa, const uint64_t *bitmap, size_t words) ABX_MUST_CHECK;

/* Enters a range that was written through abx_memory_at() pointers by someone else (another process, a kernel
 * interface) in the dirty log. Any thread. Takes no lock. Errors: ABX_ERR_INVALID, ABX_ERR_RANGE,
 * ABX_ERR_NOT_SUPPORTED. */
ABX_API abx_status abx_memory_mark_dirty(abx_vm *vm, abx_gpa gpa, uint64_t length) ABX_MUST_CHECK;

ABX_END_DECLS

#endif
