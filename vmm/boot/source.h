/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A window of an open file, from which kernels, initrds and modules are read. Files are never mapped: one that shrinks
 * meanwhile gives a short read, not a signal. */
#ifndef ABX_BOOT_SOURCE_H
#define ABX_BOOT_SOURCE_H

#include <arcbox/error.h>

typedef struct abx_source {
    int fd;
    const char *name; /* for messages; the caller's, outlives the source */
    uint64_t base;    /* where in the file the window begins */
    uint64_t size;
} abx_source;

/* Opens a regular file; the window is all of it. Errors: ABX_ERR_NOT_FOUND, ABX_ERR_PERMISSION, ABX_ERR_LIMIT,
 * ABX_ERR_FORMAT (no regular file), ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM. */
abx_status abx_source_open(abx_source *out, const char *path) ABX_MUST_CHECK;

/* Closes the file; a source that was never opened has fd -1. */
void abx_source_close(abx_source *source);

/* Reads exactly `length` bytes. Errors: ABX_ERR_FORMAT (beyond the window, or the file has become shorter),
 * ABX_ERR_SYSTEM. */
abx_status abx_source_read(const abx_source *source, uint64_t offset, void *buffer, uint64_t length) ABX_MUST_CHECK;

/* The same for what can be done without: whether it was read; makes no error record. */
bool abx_source_peek(const abx_source *source, uint64_t offset, void *buffer, uint64_t length) ABX_MUST_CHECK;

#endif
