/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What of an image goes where in guest memory: a list of runs, the same for every kind of image. */
#ifndef ABX_BOOT_RUNS_H
#define ABX_BOOT_RUNS_H

#include "sink.h"

/* `file_length` bytes of the image from `offset` on, then zeros up to `memory_length`. */
typedef struct abx_run {
    abx_gpa gpa;
    uint64_t offset;
    uint64_t file_length;
    uint64_t memory_length;
} abx_run;

typedef struct abx_runs {
    abx_run *items;
    size_t count;
    size_t capacity;
} abx_runs;

void abx_runs_free(abx_runs *runs);

/*
 * Adds a run of an image that has `image_size` bytes; runs without memory are left out. Errors: ABX_ERR_FORMAT (beyond
 * the image's end, longer in the file than in memory, beyond 2^52, overlaps another), ABX_ERR_NO_MEMORY.
 */
abx_status abx_runs_add(abx_runs *runs, const abx_run *run, uint64_t image_size, const char *name) ABX_MUST_CHECK;

/* Splits the runs so that holes of the image are zeros instead of file. Errors: ABX_ERR_NO_MEMORY. */
abx_status abx_runs_cut_holes(abx_runs *runs, const abx_hole *holes, size_t count) ABX_MUST_CHECK;

/* Whether `gpa` lies in a run. */
bool abx_runs_hold(const abx_runs *runs, abx_gpa gpa);

/* The lowest address and the one after the highest; there is at least one run. */
void abx_runs_bounds(const abx_runs *runs, abx_gpa *low, abx_gpa *high);

#endif
