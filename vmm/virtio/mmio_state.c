/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The life of a device as its driver steers it: status (section 2.1), features (2.2), queues that start and stop. */
#include "virtio/mmio_internal.h"

static const abx_virtio_device_ops *ops(const abx_virtio_mmio *self)
{
    return self->config.ops;
}

static void start(abx_virtio_mmio *self, uint32_t index)
{
    mmio_queue *queue = &self->queues[index];
    queue->layout.packed = self->driver_features & ABX_VIRTIO_F_RING_PACKED;
    queue->layout.indirect = self->driver_features & ABX_VIRTIO_F_INDIRECT_DESC;
    queue->layout.event_index = self->driver_features & ABX_VIRTIO_F_EVENT_IDX;
    abx_virtqueue_open(&queue->queue, self->host.vm, &queue->layout);
    if (queue->queue.fault != ABX_VIRTQUEUE_SOUND) {
        mmio_needs_reset(self, queue->queue.fault);
        return;
    }
    queue->started = true;
    ops(self)->start_queue(self->config.device, index, &queue->queue);
}

static void stop(abx_virtio_mmio *self, uint32_t index)
{
    mmio_queue *queue = &self->queues[index];
    if (queue->started)
        ops(self)->stop_queue(self->config.device, index);
    abx_virtqueue_close(&queue->queue);
    queue->started = false;
    queue->ready = false;
}

void mmio_write_ready(abx_virtio_mmio *self, uint32_t index, bool ready)
{
    mmio_queue *queue = &self->queues[index];
    if (!ready) {
        stop(self, index);
    } else if (!queue->ready && queue->layout.size > 0) {
        queue->ready = true;
        if (self->status & STATUS_DRIVER_OK)
            start(self, index);
    }
}

void mmio_reset(abx_virtio_mmio *self)
{
    for (uint32_t i = 0; i < self->config.queue_count; i++) {
        stop(self, i);
        self->queues[i].layout = (abx_virtqueue_layout){ 0 };
    }
    if (ops(self)->reset)
        ops(self)->reset(self->config.device);
    self->status = 0;
    self->driver_features = 0;
    self->device_features_sel = 0;
    self->driver_features_sel = 0;
    self->queue_sel = 0;
    mmio_interrupt_reset(self);
}

/* 2.2.2, 6.2: nothing that was not offered, and no driver of times before 1.0. */
static bool accept_features(abx_virtio_mmio *self)
{
    if ((self->driver_features & ~self->offered) != 0 || !(self->driver_features & ABX_VIRTIO_F_VERSION_1))
        return false;
    if (ops(self)->negotiated)
        ops(self)->negotiated(self->config.device, self->driver_features);
    return true;
}

/* 2.1.1: a driver only adds bits. NEEDS_RESET is not its own. */
void mmio_write_status(abx_virtio_mmio *self, uint32_t value)
{
    if (value == 0) {
        mmio_reset(self);
        return;
    }
    uint32_t added = value & ~self->status &
                     (STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK | STATUS_FAILED);
    if ((added & STATUS_FEATURES_OK) && !accept_features(self))
        added &= ~(uint32_t)STATUS_FEATURES_OK;
    if (!((self->status | added) & STATUS_FEATURES_OK))
        added &= ~(uint32_t)STATUS_DRIVER_OK;
    self->status |= added;
    if (!(added & STATUS_DRIVER_OK))
        return;
    for (uint32_t i = 0; i < self->config.queue_count; i++) {
        if (self->queues[i].ready)
            start(self, i);
    }
}
