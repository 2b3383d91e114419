/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/block.h"

#include "virtio/block_request.h"
#include "virtio/pieces.h"
#include "virtio/server.h"

#include <stdlib.h>
#include <string.h>

enum {
    DEVICE_ID = 2,
    QUEUE_SIZE = 256,

    /* Feature bits: 5.2.3. */
    F_SEG_MAX = 1 << 2,
    F_RO = 1 << 5,
    F_BLK_SIZE = 1 << 6,
    F_FLUSH = 1 << 9,
    F_DISCARD = 1 << 13,
    F_WRITE_ZEROES = 1 << 14,
};

/* 5.2.4: what there is by the features above; the rest is zero. */
typedef struct block_space {
    uint64_t capacity; /* in sectors */
    uint32_t size_max;
    uint32_t seg_max;
    uint32_t geometry;
    uint32_t blk_size;
    uint8_t topology[8];
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

typedef struct block {
    abx_virtio_server server;
    abx_disk disk;
    bool volatile_writes;
    char id[ABX_BLOCK_ID_SIZE]; /* padded with zeros */
    block_space space;
    abx_block_request request; /* the one in hand */
} block;

static uint64_t features(void *device)
{
    const block *self = device;
    uint64_t common = F_SEG_MAX | F_BLK_SIZE | F_FLUSH;
    return common | (self->disk.read_only ? F_RO : F_DISCARD | F_WRITE_ZEROES);
}

static void read_config(void *device, uint32_t offset, uint8_t *bytes, uint32_t length)
{
    const block *self = device;
    abx_virtio_copy_config(&self->space, sizeof(self->space), offset, bytes, length);
}

/* The id, and zeros for whatever room is behind it. */
static void write_id(const block *self, const abx_virtqueue_chain *chain, uint64_t room)
{
    size_t length = room < sizeof(self->id) ? (size_t)room : sizeof(self->id);
    abx_pieces_write(chain->writable, chain->writable_count, 0, self->id, length);
}

static void carry_out(const block *self, abx_block_request *request)
{
    for (uint32_t i = 0; i < request->count && request->status == ABX_BLOCK_OK; i++) {
        if (request->todo[i].operation == ABX_DISK_FLUSH && self->volatile_writes)
            continue;
        if (abx_disk_do(&self->disk, &request->todo[i]) != 0)
            request->status = ABX_BLOCK_IOERR;
    }
}

/* Bytes written from the start on: the status, which is last, counts when the data before it was written as well. */
static uint64_t written(const abx_block_request *request)
{
    bool whole = request->status == ABX_BLOCK_OK && request->count == 1 && request->todo[0].operation == ABX_DISK_READ;
    if (whole || request->data_length == 0)
        return request->data_length + 1;
    if (request->status == ABX_BLOCK_OK && request->wants_id)
        return request->data_length <= ABX_BLOCK_ID_SIZE ? request->data_length + 1 : ABX_BLOCK_ID_SIZE;
    return 0;
}

static uint64_t serve(void *device, abx_virtqueue *queue, const abx_virtqueue_chain *chain)
{
    block *self = device;
    abx_block_request *request = &self->request;
    if (!abx_block_request_parse(request, chain, &self->disk)) {
        abx_virtqueue_break(queue, ABX_VIRTQUEUE_REFUSED);
        return 0;
    }
    if (request->wants_id)
        write_id(self, chain, request->data_length);
    carry_out(self, request);
    abx_pieces_write(chain->writable, chain->writable_count, request->data_length, &request->status, 1);
    return written(request);
}

static const abx_virtio_device_ops virtio_ops = {
    .id = DEVICE_ID,
    .name = "block",
    .features = features,
    .read_config = read_config,
    .start_queue = abx_virtio_server_start_queue,
    .stop_queue = abx_virtio_server_stop_queue,
    .notify = abx_virtio_server_notify,
};

static void block_free(void *device)
{
    block *self = device;
    abx_virtio_server_end(&self->server);
    abx_disk_close(&self->disk);
    free(self);
}

static const abx_device_ops device_ops = {
    .resume = abx_virtio_server_resume,
    .pause = abx_virtio_server_pause,
    .free = block_free,
};

static block_space describe(const abx_disk *disk)
{
    block_space space = {
        .capacity = disk->size / ABX_SECTOR,
        .seg_max = QUEUE_SIZE - 2, /* beside header and status */
        .blk_size = ABX_SECTOR,
    };
    if (!disk->read_only) {
        space.max_discard_sectors = ABX_BLOCK_RANGE_SECTORS;
        space.max_discard_seg = ABX_BLOCK_RANGES;
        space.discard_sector_alignment = 1;
        space.max_write_zeroes_sectors = ABX_BLOCK_RANGE_SECTORS;
        space.max_write_zeroes_seg = ABX_BLOCK_RANGES;
        space.write_zeroes_may_unmap = 1;
    }
    return space;
}

abx_status abx_virtio_block_new(abx_device *out, const abx_device_host *host, abx_gpa base, uint32_t line,
                                const abx_virtio_block_config *config)
{
    block *self = calloc(1, sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a disk");
    abx_status status = abx_disk_open(&self->disk, config->path, config->read_only);
    if (status != ABX_OK)
        goto fail;
    self->space = describe(&self->disk);
    self->volatile_writes = config->volatile_writes;
    if (config->serial)
        memcpy(self->id, config->serial, strnlen(config->serial, sizeof(self->id)));
    self->server.serve = serve;
    const abx_virtio_mmio_config registers = {
        .ops = &virtio_ops,
        .device = self,
        .queue_count = 1,
        .queue_size = QUEUE_SIZE,
        .base = base,
        .line = line,
        .interrupt_fd = -1,
    };
    status = abx_virtio_server_init(&self->server, host, &registers);
    if (status != ABX_OK)
        goto fail_disk;
    *out = (abx_device){ &device_ops, self };
    return ABX_OK;

fail_disk:
    abx_disk_close(&self->disk);
fail:
    free(self);
    return status;
}
