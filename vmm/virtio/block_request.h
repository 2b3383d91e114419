/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Requests to a disk as the driver writes them (Virtio 1.2, section 5.2.6), checked and made requests to an image. */
#ifndef ABX_VMM_VIRTIO_BLOCK_REQUEST_H
#define ABX_VMM_VIRTIO_BLOCK_REQUEST_H

#include "virtio/disk.h"
#include "virtio/queue.h"

enum {
    ABX_BLOCK_OK = 0,
    ABX_BLOCK_IOERR = 1,
    ABX_BLOCK_UNSUPP = 2,

    ABX_BLOCK_HEADER = 16,            /* bytes: type, reserved, sector */
    ABX_BLOCK_RANGES = 16,            /* of one discard or write-zeroes */
    ABX_BLOCK_RANGE_SECTORS = 131072, /* in one range: 64 MiB */
    ABX_BLOCK_ID_SIZE = 20,
};

typedef struct abx_block_range {
    uint64_t offset, length; /* in bytes */
    bool may_unmap;
} abx_block_range;

/*
 * A request from when it is taken out of its queue until it is given back. Nothing, the id, or a number of steps, one
 * after the other, is to be done for it.
 */
typedef struct abx_block_request {
    abx_disk_request io; /* the step in hand; the first member */
    uint32_t queue;      /* index */
    abx_virtqueue_chain chain;
    abx_memory_guard stay; /* keeps the memory that the pieces lead to */
    uint8_t status;        /* so far: ABX_BLOCK_OK, or why nothing more is done */
    uint8_t *status_place; /* where it goes */
    bool wants_id;
    uint64_t data_length; /* writable bytes before the status */
    uint32_t steps, step;
    abx_block_range ranges[ABX_BLOCK_RANGES];
    struct iovec pieces[ABX_VIRTQUEUE_PIECES];
} abx_block_request;

/*
 * Reads a request from its chain, whose lists are in its `pieces`, and checks it against `disk`. False: it is none: too
 * short for its header, or no room for a status.
 */
bool abx_block_request_parse(abx_block_request *request, const abx_disk *disk);

/* Makes `io` the next step. False: there is none. */
bool abx_block_request_next(abx_block_request *request);

/* When it is done: how many bytes from the start of the writable part were written, the status included. */
uint64_t abx_block_request_written(const abx_block_request *request);

#endif
