/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "runs.h"

#include "bytes.h"

#include <stdlib.h>

static const uint64_t address_limit = 1ull << 52; /* physical addresses end here: Intel SDM volume 3, 4.1.4 */

void abx_runs_free(abx_runs *runs)
{
    free(runs->items);
    *runs = (abx_runs){ 0 };
}

static abx_status append(abx_runs *runs, const abx_run *run)
{
    if (runs->count == runs->capacity) {
        size_t capacity = runs->capacity ? runs->capacity * 2 : 8;
        abx_run *items = realloc(runs->items, capacity * sizeof(*items));
        if (!items) {
            return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "list the parts of a kernel");
        }
        runs->items = items;
        runs->capacity = capacity;
    }
    runs->items[runs->count++] = *run;
    return ABX_OK;
}

abx_status abx_runs_add(abx_runs *runs, const abx_run *run, uint64_t image_size, const char *name)
{
    if (run->memory_length == 0) {
        return ABX_OK;
    }
    const char *fault = NULL;
    if (run->file_length > run->memory_length) {
        fault = "is longer in the file than in memory";
    } else if (!abx_within(run->offset, run->file_length, image_size)) {
        fault = "lies beyond the end of the file";
    } else if (!abx_within(run->gpa, run->memory_length, address_limit)) {
        fault = "lies beyond the last address";
    }
    for (size_t i = 0; i < runs->count && !fault; i++) {
        const abx_run *other = &runs->items[i];
        if (abx_overlap(run->gpa, run->memory_length, other->gpa, other->memory_length)) {
            fault = "overlaps another one";
        }
    }
    if (fault) {
        return abx_fail(ABX_ERR_FORMAT, 0, "The file is truncated or damaged.",
                        "check %s: the segment for address 0x%llx %s", name, (unsigned long long)run->gpa, fault);
    }
    return append(runs, run);
}

/* Cuts [first, end) of the image out of the run at `index`: that becomes zeros behind what comes before it, and what
 * comes after it becomes a run of its own. */
static abx_status cut(abx_runs *runs, size_t index, uint64_t first, uint64_t end)
{
    abx_run head = runs->items[index];
    uint64_t file_end = head.offset + head.file_length;
    if (end <= head.offset || first >= file_end) {
        return ABX_OK;
    }
    uint64_t kept = first > head.offset ? first - head.offset : 0;
    if (end < file_end) {
        uint64_t skipped = end - head.offset;
        abx_run tail = { .gpa = head.gpa + skipped,
                         .offset = end,
                         .file_length = head.file_length - skipped,
                         .memory_length = head.memory_length - skipped };
        abx_status status = append(runs, &tail);
        if (status != ABX_OK) {
            return status;
        }
        head.memory_length = skipped;
    }
    head.file_length = kept;
    runs->items[index] = head;
    return ABX_OK;
}

abx_status abx_runs_cut_holes(abx_runs *runs, const abx_hole *holes, size_t count)
{
    for (size_t h = 0; h < count; h++) {
        uint64_t first = (uint64_t)holes[h].first * ABX_SINK_BLOCK;
        uint64_t end = first + (uint64_t)holes[h].count * ABX_SINK_BLOCK;
        size_t here = runs->count; /* what is appended meanwhile lies behind the hole */
        for (size_t i = 0; i < here; i++) {
            abx_status status = cut(runs, i, first, end);
            if (status != ABX_OK) {
                return status;
            }
        }
    }
    return ABX_OK;
}

bool abx_runs_hold(const abx_runs *runs, abx_gpa gpa)
{
    for (size_t i = 0; i < runs->count; i++) {
        if (gpa >= runs->items[i].gpa && gpa - runs->items[i].gpa < runs->items[i].memory_length) {
            return true;
        }
    }
    return false;
}

void abx_runs_bounds(const abx_runs *runs, abx_gpa *low, abx_gpa *high)
{
    *low = UINT64_MAX;
    *high = 0;
    for (size_t i = 0; i < runs->count; i++) {
        abx_gpa end = runs->items[i].gpa + runs->items[i].memory_length;
        *low = runs->items[i].gpa < *low ? runs->items[i].gpa : *low;
        *high = end > *high ? end : *high;
    }
}
