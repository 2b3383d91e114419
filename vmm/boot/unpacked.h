/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* An unpacked image: a file of its own, from the cache or made now, and what is known about it. */
#ifndef ABX_BOOT_UNPACKED_H
#define ABX_BOOT_UNPACKED_H

#include "compression.h"
#include "linux_version.h"
#include "sink.h"
#include "source.h"

typedef struct abx_unpacked {
    abx_source image;
    bool from_cache;
    char version[ABX_LINUX_VERSION]; /* of a Linux kernel */
    uint32_t hole_count;
    abx_hole holes[ABX_SINK_MAX_HOLES];
} abx_unpacked;

/* What to unpack. */
typedef struct abx_packed {
    abx_source payload;
    abx_compression compression;
    uint64_t size; /* what it must unpack to; 0: not known */
} abx_packed;

/* Fills in the compression, by the payload's first bytes. Errors: those of abx_source_read(). */
abx_status abx_packed_detect(abx_packed *packed) ABX_MUST_CHECK;

/*
 * Takes the unpacked image from the cache in `folder` (as abx_kernel_options.cache) or unpacks it, then calls `check`,
 * which may fill in the version. What passes the check is kept in the cache. On success the file of `*out` is the
 * caller's. Errors: those of abx_unpack() and of `check`, ABX_ERR_LIMIT, ABX_ERR_SYSTEM.
 */
typedef abx_status abx_unpacked_check(void *context, abx_unpacked *unpacked);
abx_status abx_unpacked_open(abx_unpacked *out, const abx_packed *packed, const char *folder, abx_unpacked_check *check,
                             void *context) ABX_MUST_CHECK;

#endif
