/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The parts of a disk. */
#ifndef ABX_VMM_VIRTIO_BLOCK_INTERNAL_H
#define ABX_VMM_VIRTIO_BLOCK_INTERNAL_H

#include "virtio/block.h"
#include "virtio/block_request.h"
#include "virtio/disk_engine.h"
#include "virtio/mmio.h"
#include "virtio/tally.h"
#include "virtio/worker.h"

enum { BLOCK_IN_FLIGHT = 128 }; /* requests of all queues */

/* 5.2.4: what there is by the features that are offered; the rest is zero. */
typedef struct block_space {
    uint64_t capacity; /* in sectors */
    uint32_t size_max;
    uint32_t seg_max;
    uint32_t geometry;
    uint32_t blk_size;
    uint8_t physical_block_exp;
    uint8_t alignment_offset;
    uint16_t min_io_size;
    uint32_t opt_io_size;
    uint8_t writeback;
    uint8_t unused0;
    uint16_t num_queues;
    uint32_t max_discard_sectors;
    uint32_t max_discard_seg;
    uint32_t discard_sector_alignment;
    uint32_t max_write_zeroes_sectors;
    uint32_t max_write_zeroes_seg;
    uint8_t write_zeroes_may_unmap;
    uint8_t unused1[3];
} block_space;

_Static_assert(offsetof(block_space, max_discard_sectors) == 36 && sizeof(block_space) == 64, "as in 5.2.4");

/* Used by the worker, and by whoever holds it: what is under way is theirs to reap. */
typedef struct block {
    abx_device_host host;
    abx_virtio_mmio *transport;
    abx_virtio_worker worker;
    abx_virtio_tally tally;
    uint32_t queue_count;
    bool volatile_writes;
    char name[32];              /* of the image, for events */
    char id[ABX_BLOCK_ID_SIZE]; /* padded with zeros */
    block_space space;
    abx_disk disk;
    abx_disk_engine *engine;

    pthread_mutex_t drain;                        /* holders, among themselves */
    abx_virtqueue *queues[ABX_VIRTIO_QUEUES_MAX]; /* NULL: stopped */
    uint32_t turn;                                /* the queue that is looked at first */
    uint32_t used;                                /* queues in which chains were given back and nobody was told yet */
    uint32_t in_flight;
    abx_block_request *requests;    /* BLOCK_IN_FLIGHT of them */
    uint32_t fresh;                 /* how many of them have ever been in flight */
    abx_disk_request *free;         /* those of them that are not now */
    bool told[ABX_DISK_OPERATIONS]; /* that it fails; until it succeeds */
} block;

/* For the worker: takes requests out of the queues, and gives back those that are done. */
void block_work(void *device);

/* Under a hold: waits until nothing is in flight, and then sets a queue. */
void block_drain(block *self);
void block_set_queue(block *self, uint32_t index, abx_virtqueue *queue);

#endif
