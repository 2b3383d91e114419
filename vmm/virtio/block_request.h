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

    ABX_BLOCK_RANGES = 16,            /* of one discard or write-zeroes */
    ABX_BLOCK_RANGE_SECTORS = 131072, /* in one range: 64 MiB */
    ABX_BLOCK_ID_SIZE = 20,
};

/* What is to be done for a request: nothing but a status, the id, or up to ABX_BLOCK_RANGES requests to the image. */
typedef struct abx_block_request {
    uint8_t status; /* so far: ABX_BLOCK_OK, or why nothing is done */
    bool wants_id;
    uint64_t data_length; /* writable bytes before the status */
    uint32_t count;
    abx_disk_request todo[ABX_BLOCK_RANGES];
    struct iovec pieces[ABX_VIRTQUEUE_PIECES]; /* for todo[0] */
} abx_block_request;

/*
 * Reads a request and checks it against `disk`. False: it is none: too short for its header, or no room for a status.
 */
bool abx_block_request_parse(abx_block_request *request, const abx_virtqueue_chain *chain, const abx_disk *disk);

#endif
