/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where an unpacked image goes: a file, in which blocks of zeros are left out and remembered. */
#ifndef ABX_BOOT_SINK_H
#define ABX_BOOT_SINK_H

#include <arcbox/error.h>

enum {
    ABX_SINK_BLOCK = 64 * 1024,
    ABX_SINK_MAX_HOLES = 256,
};

/* `count` blocks from block `first` on hold zeros only. Half of a stock kernel does: they need not be read again. */
typedef struct abx_hole {
    uint32_t first;
    uint32_t count;
} abx_hole;

typedef struct abx_sink {
    int fd;
    uint64_t base;  /* where in the file the image begins */
    uint64_t limit; /* how long it may become, at most 4 Gi blocks */
    uint64_t size;  /* how long it is */
    const char *name;
    uint32_t hole_count;
    abx_hole holes[ABX_SINK_MAX_HOLES]; /* ascending, apart from each other; zeros beyond the last one are just data */
} abx_sink;

/*
 * Appends. Blocks of zeros are found when all calls but the last bring a multiple of ABX_SINK_BLOCK.
 * Errors: ABX_ERR_FORMAT (more than `limit`), and those of the file: ABX_ERR_LIMIT (no space left), ABX_ERR_SYSTEM.
 */
abx_status abx_sink_write(abx_sink *sink, const void *data, size_t length) ABX_MUST_CHECK;

/* Gives the file its full length. Errors: as above. */
abx_status abx_sink_finish(abx_sink *sink) ABX_MUST_CHECK;

#endif
