/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/mmio_internal.h"

#include "boot/bytes.h"

#

#include <stdlib.h>

enum {
    MAGIC = 0x74726976, /* "virt" */
    VERSION = 2,
    VENDOR = 0x00584241, /* "ABX" */
};

static mmio_queue *selected(abx_virtio_mmio *self)
{
    return self->queue_sel < self->config.queue_count ? &self->queues[self->queue_sel] : NULL;
}

static uint32_t half(uint64_t value, uint32_t which)
{
    return which > 1 ? 0 : (uint32_t)(value >> (32 * which));
}

static void set_half(uint64_t *value, uint32_t which, uint32_t bits)
{
    if (which > 1)
        return;
    uint64_t mask = UINT64_C(0xffffffff) << (32 * which);
    *value = (*value & ~mask) | (uint64_t)bits << (32 * which);
}

static uint32_t read_register(abx_virtio_mmio *self, uint64_t offset)
{
    const mmio_queue *queue = selected(self);
    switch (offset) {
    case MMIO_MAGIC:
        return MAGIC;
    case MMIO_VERSION:
        return VERSION;
    case MMIO_DEVICE_ID:
        return self->config.ops->id;
    case MMIO_VENDOR_ID:
        return VENDOR;
    case MMIO_DEVICE_FEATURES:
        return half(self->offered, self->device_features_sel);
    case MMIO_QUEUE_NUM_MAX:
        return queue ? self->config.queue_size : 0;
    case MMIO_QUEUE_READY:
        return queue && queue->ready;
    case MMIO_STATUS:
        return self->status | (mmio_is_in_need(self) ? STATUS_NEEDS_RESET : 0);
    case MMIO_CONFIG_GENERATION:
        return atomic_load(&self->generation);
    default: /* there is no shared memory: 2.10 */
        return offset >= MMIO_SHM_LEN_LOW && offset <= MMIO_SHM_BASE_HIGH ? UINT32_MAX : 0;
    }
}

/* What describes a queue is fixed while it is ready. */
static void write_queue(abx_virtio_mmio *self, mmio_queue *queue, uint64_t offset, uint32_t value)
{
    if (queue->ready)
        return;
    switch (offset) {
    case MMIO_QUEUE_NUM:
        if (value <= self->config.queue_size)
            queue->layout.size = value;
        break;
    case MMIO_QUEUE_DESC_LOW:
    case MMIO_QUEUE_DESC_HIGH:
        set_half(&queue->layout.descriptors, offset == MMIO_QUEUE_DESC_HIGH, value);
        break;
    case MMIO_QUEUE_DRIVER_LOW:
    case MMIO_QUEUE_DRIVER_HIGH:
        set_half(&queue->layout.driver, offset == MMIO_QUEUE_DRIVER_HIGH, value);
        break;
    case MMIO_QUEUE_DEVICE_LOW:
    case MMIO_QUEUE_DEVICE_HIGH:
        set_half(&queue->layout.device, offset == MMIO_QUEUE_DEVICE_HIGH, value);
        break;
    default:
        break;
    }
}

static void write_register(abx_virtio_mmio *self, uint64_t offset, uint32_t value)
{
    mmio_queue *queue = selected(self);
    switch (offset) {
    case MMIO_DEVICE_FEATURES_SEL:
        self->device_features_sel = value;
        break;
    case MMIO_DRIVER_FEATURES_SEL:
        self->driver_features_sel = value;
        break;
    case MMIO_DRIVER_FEATURES:
        if (!(self->status & STATUS_FEATURES_OK))
            set_half(&self->driver_features, self->driver_features_sel, value);
        break;
    case MMIO_QUEUE_SEL:
        self->queue_sel = value;
        break;
    case MMIO_QUEUE_READY:
        if (queue)
            mmio_write_ready(self, self->queue_sel, value & 1);
        break;
    case MMIO_STATUS:
        mmio_write_status(self, value);
        break;
    default:
        if (queue)
            write_queue(self, queue, offset, value);
        break;
    }
}

static uint64_t read_config(abx_virtio_mmio *self, uint32_t offset, uint32_t size)
{
    uint8_t bytes[8] = { 0 };
    if (self->config.ops->read_config)
        self->config.ops->read_config(self->config.device, offset, bytes, size);
    return abx_get_le64(bytes);
}

static void write_config(abx_virtio_mmio *self, uint32_t offset, uint32_t size, uint64_t value)
{
    uint8_t bytes[8];
    abx_put_le64(bytes, value);
    if (self->config.ops->write_config)
        self->config.ops->write_config(self->config.device, offset, bytes, size);
}

/* Control registers have 4 bytes and no other access (4.2.2.2): what else there is reads as zero and vanishes. */
static bool is_register(uint64_t offset, uint32_t size)
{
    return size == 4 && offset % 4 == 0;
}

static uint64_t mmio_read(void *device, uint64_t offset, uint32_t size)
{
    abx_virtio_mmio *self = device;
    if (offset < MMIO_CONFIG && !is_register(offset, size))
        return 0;
    if (offset == MMIO_INTERRUPT_STATUS)
        return mmio_interrupt_status(self);
    pthread_mutex_lock(&self->lock);
    uint64_t value =
        offset < MMIO_CONFIG ? read_register(self, offset) : read_config(self, (uint32_t)(offset - MMIO_CONFIG), size);
    pthread_mutex_unlock(&self->lock);
    return value;
}

/* Notifications and acknowledgements do not wait for another vCPU that is in a reset. */
static void mmio_write(void *device, uint64_t offset, uint32_t size, uint64_t value)
{
    abx_virtio_mmio *self = device;
    if (offset < MMIO_CONFIG && !is_register(offset, size))
        return;
    if (offset == ABX_VIRTIO_MMIO_NOTIFY) {
        if (value < self->config.queue_count)
            self->config.ops->notify(self->config.device, (uint32_t)value);
        return;
    }
    if (offset == MMIO_INTERRUPT_ACK) {
        mmio_interrupt_acknowledge(self, (uint32_t)value);
        return;
    }
    pthread_mutex_lock(&self->lock);
    if (offset < MMIO_CONFIG)
        write_register(self, offset, (uint32_t)value);
    else
        write_config(self, (uint32_t)(offset - MMIO_CONFIG), size, value);
    pthread_mutex_unlock(&self->lock);
}

void abx_virtio_copy_config(const void *config, size_t size, uint32_t offset, uint8_t *bytes, uint32_t length)
{
    for (uint32_t i = 0; i < length && offset + i < size; i++)
        bytes[i] = ((const uint8_t *)config)[offset + i];
}

abx_status abx_virtio_mmio_new(abx_virtio_mmio **out, const abx_device_host *host, const abx_virtio_mmio_config *config)
{
    abx_virtio_mmio *self = calloc(1, sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a virtio device");
    self->host = *host;
    self->config = *config;
    self->doorbell = (abx_ioeventfd)ABX_IOEVENTFD_INIT;
    self->offered = ABX_VIRTIO_F_VERSION_1 | ABX_VIRTIO_F_RING_PACKED | ABX_VIRTIO_F_INDIRECT_DESC |
                    ABX_VIRTIO_F_EVENT_IDX | (config->ops->features ? config->ops->features(config->device) : 0);
    pthread_mutex_init(&self->lock, NULL);
    pthread_mutex_init(&self->interrupt.lock, NULL);
    self->interrupt.bound.fd = -1;
    const abx_bus_range range = {
        .base = config->base,
        .length = ABX_VIRTIO_MMIO_SIZE,
        .name = config->ops->name,
        .device = self,
        .read = mmio_read,
        .write = mmio_write,
    };
    abx_status status = host->irqfd ? mmio_interrupt_bind(self) : ABX_OK;
    if (status == ABX_OK)
        status = abx_bus_add(host->mmio, &range);
    if (status != ABX_OK) {
        abx_virtio_mmio_free(self);
        return status;
    }
    *out = self;
    return ABX_OK;
}

void abx_virtio_mmio_free(abx_virtio_mmio *transport)
{
    if (!transport)
        return;
    /* Fails only if the backend is gone, and the doorbell with it. */
    if (transport->doorbell.fd >= 0)
        (void)!abx_ioeventfd_detach(transport->host.vm, &transport->doorbell);
    mmio_reset(transport);
    mmio_interrupt_unbind(transport);
    pthread_mutex_destroy(&transport->interrupt.lock);
    pthread_mutex_destroy(&transport->lock);
    free(transport);
}

abx_status abx_virtio_mmio_doorbell(abx_virtio_mmio *transport, int fd)
{
    abx_ioeventfd doorbell = ABX_IOEVENTFD_INIT;
    doorbell.address = transport->config.base + ABX_VIRTIO_MMIO_NOTIFY;
    doorbell.length = 4;
    doorbell.fd = fd;
    abx_status status = abx_ioeventfd_attach(transport->host.vm, &doorbell);
    if (status == ABX_OK)
        transport->doorbell = doorbell;
    return status;
}
