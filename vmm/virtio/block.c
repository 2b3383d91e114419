/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/block_internal.h"

#include <arcbox/hypervisor.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEVICE_ID = 2,
    QUEUE_SIZE = 256,
    GOOD_BLOCK = 4096, /* what host file systems and page caches like to be written */

    /* Feature bits: 5.2.3. */
    F_SEG_MAX = 1 << 2,
    F_RO = 1 << 5,
    F_BLK_SIZE = 1 << 6,
    F_FLUSH = 1 << 9,
    F_TOPOLOGY = 1 << 10,
    F_MQ = 1 << 12,
    F_DISCARD = 1 << 13,
    F_WRITE_ZEROES = 1 << 14,
};

static uint64_t features(void *device)
{
    const block *self = device;
    uint64_t common = F_SEG_MAX | F_BLK_SIZE | F_FLUSH | F_TOPOLOGY | (self->queue_count > 1 ? F_MQ : 0);
    return common | (self->disk.read_only ? F_RO : F_DISCARD | F_WRITE_ZEROES);
}

static void read_config(void *device, uint32_t offset, uint8_t *bytes, uint32_t length)
{
    const block *self = device;
    abx_virtio_copy_config(&self->space, sizeof(self->space), offset, bytes, length);
}

static void start_queue(void *device, uint32_t index, abx_virtqueue *queue)
{
    block_set_queue(device, index, queue);
}

static void stop_queue(void *device, uint32_t index)
{
    block_set_queue(device, index, NULL);
}

static void notify(void *device, uint32_t index)
{
    block *self = device;
    (void)index;
    abx_virtio_worker_ring(&self->worker);
}

static const abx_virtio_device_ops virtio_ops = {
    .id = DEVICE_ID,
    .name = "block",
    .features = features,
    .read_config = read_config,
    .start_queue = start_queue,
    .stop_queue = stop_queue,
    .notify = notify,
};

static void block_resume(void *device)
{
    abx_virtio_worker_release(&((block *)device)->worker);
}

static void block_pause(void *device)
{
    block *self = device;
    abx_virtio_worker_hold(&self->worker);
    block_drain(self);
}

static void free_parts(block *self)
{
    abx_disk_engine_close(self->engine);
    abx_disk_close(&self->disk);
    pthread_mutex_destroy(&self->drain);
    free(self->requests);
}

static void block_free(void *device)
{
    block *self = device;
    abx_virtio_mmio_free(self->transport);
    abx_virtio_worker_end(&self->worker);
    free_parts(self);
    free(self);
}

static void block_count(void *device, abx_device_counters *counters)
{
    block *self = device;
    abx_virtio_tally_read(&self->tally, counters);
    counters->interrupts = abx_virtio_interrupts(self->transport);
}

static const abx_device_ops device_ops = {
    .resume = block_resume,
    .pause = block_pause,
    .count = block_count,
    .free = block_free,
};

static uint8_t log2_of(uint32_t power)
{
    return (uint8_t)__builtin_ctz(power);
}

static block_space describe(const abx_disk *disk, uint32_t queue_count)
{
    uint32_t good = disk->block > GOOD_BLOCK ? 1 : GOOD_BLOCK / disk->block;
    block_space space = {
        .capacity = disk->size / ABX_SECTOR,
        .seg_max = QUEUE_SIZE - 2, /* beside header and status */
        .blk_size = disk->block,
        .physical_block_exp = log2_of(good),
        .min_io_size = (uint16_t)good,
        .num_queues = (uint16_t)queue_count,
    };
    if (!disk->read_only) {
        space.max_discard_sectors = ABX_BLOCK_RANGE_SECTORS;
        space.max_discard_seg = ABX_BLOCK_RANGES;
        space.discard_sector_alignment = disk->block / ABX_SECTOR;
        space.max_write_zeroes_sectors = ABX_BLOCK_RANGE_SECTORS;
        space.max_write_zeroes_seg = ABX_BLOCK_RANGES;
        space.write_zeroes_may_unmap = 1;
    }
    return space;
}

static void set_names(block *self, const abx_virtio_block_config *config)
{
    const char *slash = strrchr(config->path, '/');
    snprintf(self->name, sizeof(self->name), "%s", slash ? slash + 1 : config->path);
    if (config->serial)
        memcpy(self->id, config->serial, strnlen(config->serial, sizeof(self->id)));
}

/* Requests that are never in flight take no memory: their pages are not touched. */
static abx_status make_parts(block *self, const abx_virtio_block_config *config)
{
    self->requests = calloc(BLOCK_IN_FLIGHT, sizeof(*self->requests));
    if (!self->requests)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make room for a disk's requests");
    abx_status status = abx_disk_open(&self->disk, config->path, config->read_only, config->direct);
    if (status != ABX_OK)
        goto fail;
    status = (config->engine ? config->engine->open : abx_disk_engine_open)(&self->engine, &self->disk, BLOCK_IN_FLIGHT,
                                                                            &self->worker.bell);
    if (status != ABX_OK)
        goto fail_disk;
    pthread_mutex_init(&self->drain, NULL);
    return ABX_OK;

fail_disk:
    abx_disk_close(&self->disk);
fail:
    free(self->requests);
    return status;
}

static abx_status make_transport(block *self, abx_gpa base, uint32_t line)
{
    const abx_virtio_mmio_config registers = {
        .ops = &virtio_ops,
        .device = self,
        .queue_count = self->queue_count,
        .queue_size = QUEUE_SIZE,
        .base = base,
        .line = line,
        .interrupt_fd = -1,
    };
    abx_status status = abx_virtio_mmio_new(&self->transport, &self->host, &registers);
    /* Without a doorbell notifications come by exits. */
    if (status == ABX_OK && abx_hypervisor_has(abx_vm_get_hypervisor(self->host.vm), ABX_CAP_IOEVENTFD))
        (void)!abx_virtio_mmio_doorbell(self->transport, self->worker.bell.fd);
    return status;
}

abx_status abx_virtio_block_new(abx_device *out, const abx_device_host *host, abx_gpa base, uint32_t line,
                                const abx_virtio_block_config *config)
{
    block *self = calloc(1, sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a disk");
    self->host = *host;
    self->queue_count = config->queues;
    self->volatile_writes = config->volatile_writes;
    set_names(self, config);
    abx_status status = abx_virtio_worker_start(&self->worker, host->loop, block_work, self);
    if (status != ABX_OK)
        goto fail;
    status = make_parts(self, config);
    if (status != ABX_OK)
        goto fail_worker;
    self->space = describe(&self->disk, self->queue_count);
    status = make_transport(self, base, line);
    if (status != ABX_OK)
        goto fail_parts;
    *out = (abx_device){ &device_ops, self };
    return ABX_OK;

fail_parts:
    free_parts(self);
fail_worker:
    abx_virtio_worker_end(&self->worker);
fail:
    free(self);
    return status;
}
