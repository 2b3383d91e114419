/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Disks whose images refuse an operation: what QEMU tells of them, as our events. */
#ifndef ABX_SRC_QEMU_DISK_ERRORS_H
#define ABX_SRC_QEMU_DISK_ERRORS_H

#include "parts.h"

#include <arcbox/event.h>

#include <jansson.h>

typedef struct abx_disk_record abx_disk_record;

typedef struct abx_disk_errors {
    abx_disk_record *list; /* of each part, and one more for disks that QEMU does not name */
    size_t count;
} abx_disk_errors;

/* The devices behind `parts` must stay; the list need not. False: no memory. */
bool abx_disk_errors_init(abx_disk_errors *errors, const abx_parts *parts);
void abx_disk_errors_free(abx_disk_errors *errors);

/*
 * Makes an event of the data of QMP's BLOCK_IO_ERROR, which came at `now_ns` on the monotonic clock. False when there
 * is nothing to tell: the guest decides how often it tries, so each disk's reads are told of once in a second, and what
 * is no read, which QEMU calls writes, likewise.
 */
bool abx_disk_errors_take(abx_disk_errors *errors, const json_t *data, uint64_t now_ns, abx_event *event);

#endif
