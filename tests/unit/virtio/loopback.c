/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "loopback.h"

#include <string.h>

static uint64_t features(void *device)
{
    (void)device;
    return LOOPBACK_FEATURE;
}

static void negotiated(void *device, uint64_t accepted)
{
    ((loopback *)device)->features = accepted;
}

static void read_config(void *device, uint32_t offset, uint8_t *bytes, uint32_t length)
{
    loopback *self = device;
    abx_virtio_copy_config(self->config, sizeof(self->config), offset, bytes, length);
}

static void write_config(void *device, uint32_t offset, const uint8_t *bytes, uint32_t length)
{
    loopback *self = device;
    for (uint32_t i = 0; i < length && offset + i < sizeof(self->config); i++)
        self->config[offset + i] = bytes[i];
}

static void start_queue(void *device, uint32_t index, abx_virtqueue *queue)
{
    loopback *self = device;
    abx_virtio_worker_hold(&self->worker);
    self->queues[index] = queue;
    self->starts++;
    abx_virtio_worker_release(&self->worker);
}

static void stop_queue(void *device, uint32_t index)
{
    loopback *self = device;
    abx_virtio_worker_hold(&self->worker);
    assert_non_null(self->queues[index]);
    self->queues[index] = NULL;
    self->stops++;
    abx_virtio_worker_release(&self->worker);
}

static void notify(void *device, uint32_t index)
{
    loopback *self = device;
    assert_true(index < LOOPBACK_QUEUES);
    abx_virtio_worker_ring(&self->worker);
}

static void reset(void *device)
{
    ((loopback *)device)->resets++;
}

static const abx_virtio_device_ops ops = {
    .id = LOOPBACK_ID,
    .name = "loopback",
    .features = features,
    .negotiated = negotiated,
    .read_config = read_config,
    .write_config = write_config,
    .start_queue = start_queue,
    .stop_queue = stop_queue,
    .notify = notify,
    .reset = reset,
};

/* Byte by byte from one list to the other. */
static uint64_t echo(const abx_virtqueue_chain *chain)
{
    uint64_t done = 0;
    uint32_t from = 0, to = 0;
    size_t from_offset = 0, to_offset = 0;
    while (from < chain->readable_count && to < chain->writable_count) {
        ((uint8_t *)chain->writable[to].iov_base)[to_offset++] =
            ((const uint8_t *)chain->readable[from].iov_base)[from_offset++];
        done++;
        if (from_offset == chain->readable[from].iov_len)
            from++, from_offset = 0;
        if (to_offset == chain->writable[to].iov_len)
            to++, to_offset = 0;
    }
    return done;
}

static void serve(loopback *self, abx_virtqueue *queue)
{
    abx_memory_guard stay = abx_memory_enter(self->host.vm);
    do {
        abx_virtqueue_chain chain;
        struct iovec pieces[8];
        abx_virtqueue_quiet(queue);
        while (!abx_virtio_worker_is_held(&self->worker) && abx_virtqueue_pop(queue, &chain, pieces, 8)) {
            if (self->keeps && self->kept_count < LOOPBACK_SIZE) {
                self->kept_queue = queue;
                self->kept[self->kept_count++] = chain;
                continue;
            }
            abx_virtqueue_push(queue, &chain, echo(&chain));
        }
        abx_virtio_used(self->transport, queue);
    } while (!abx_virtio_worker_is_held(&self->worker) && abx_virtqueue_listen(queue));
    abx_memory_leave(self->host.vm, stay);
}

static void work(void *device)
{
    loopback *self = device;
    for (uint32_t i = 0; i < LOOPBACK_QUEUES; i++) {
        if (self->queues[i])
            serve(self, self->queues[i]);
    }
    pthread_mutex_lock(&self->lock);
    self->rounds++;
    pthread_cond_broadcast(&self->worked);
    pthread_mutex_unlock(&self->lock);
}

void loopback_give_back(loopback *self)
{
    abx_memory_guard stay = abx_memory_enter(self->host.vm);
    while (self->kept_count > 0)
        abx_virtqueue_push(self->kept_queue, &self->kept[--self->kept_count], 1);
    abx_virtio_used(self->transport, self->kept_queue);
    abx_memory_leave(self->host.vm, stay);
}

/* Once held nothing is under way: the round after that sees all. */
void loopback_settle(loopback *self)
{
    abx_virtio_worker_hold(&self->worker);
    unsigned before = self->rounds;
    abx_virtio_worker_release(&self->worker);
    pthread_mutex_lock(&self->lock);
    while (self->rounds == before)
        pthread_cond_wait(&self->worked, &self->lock);
    pthread_mutex_unlock(&self->lock);
}

static void loopback_free(void *device)
{
    loopback *self = device;
    abx_virtio_mmio_free(self->transport);
    abx_virtio_worker_end(&self->worker);
    pthread_cond_destroy(&self->worked);
    pthread_mutex_destroy(&self->lock);
}

static const abx_device_ops device_ops = { .free = loopback_free };

void loopback_new(loopback *self, guest *of, int interrupt_fd)
{
    memset(self, 0, sizeof(*self));
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->worked, NULL);
    for (size_t i = 0; i < sizeof(self->config); i++)
        self->config[i] = (uint8_t)(0x10 + i);
    self->host = guest_interface(of);
    const abx_virtio_mmio_config config = {
        .ops = &ops,
        .device = self,
        .queue_count = LOOPBACK_QUEUES,
        .queue_size = LOOPBACK_SIZE,
        .base = WINDOW,
        .line = LINE,
        .interrupt_fd = interrupt_fd,
    };
    assert_int_equal(abx_virtio_worker_start(&self->worker, self->host.loop, work, self), ABX_OK);
    assert_int_equal(abx_virtio_mmio_new(&self->transport, &self->host, &config), ABX_OK);
    of->host.device = (abx_device){ &device_ops, self };
    abx_virtio_worker_release(&self->worker);
}
