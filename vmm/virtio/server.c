/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/server.h"

#include <arcbox/hypervisor.h>

static bool serve_next(abx_virtio_server *self, abx_virtqueue *queue)
{
    abx_virtqueue_chain chain;
    struct iovec pieces[ABX_VIRTQUEUE_PIECES];
    /* A stay for each request: whoever takes memory away waits for one, not for a busy guest. */
    abx_memory_guard stay = abx_memory_enter(self->vm);
    bool found = abx_virtqueue_pop(queue, &chain, pieces, ABX_VIRTQUEUE_PIECES);
    if (found) {
        uint64_t written = self->serve(self, queue, &chain);
        bool kept = written == ABX_VIRTIO_SERVER_KEPT;
        if (!kept)
            abx_virtqueue_push(queue, &chain, written);
        abx_virtio_tally_request(&self->tally, kept ? 0 : written, chain.readable_length);
    }
    abx_virtio_used(self->transport, queue);
    abx_memory_leave(self->vm, stay);
    return found;
}

static void quiet(abx_virtio_server *self, abx_virtqueue *queue)
{
    abx_memory_guard stay = abx_memory_enter(self->vm);
    abx_virtqueue_quiet(queue);
    abx_memory_leave(self->vm, stay);
}

static bool listen(abx_virtio_server *self, abx_virtqueue *queue)
{
    abx_memory_guard stay = abx_memory_enter(self->vm);
    bool more = abx_virtqueue_listen(queue);
    abx_memory_leave(self->vm, stay);
    return more;
}

/* At most so many requests of a queue in a row: other devices have their turn then. */
enum { TURN = 64 };

static void work_on(abx_virtio_server *self, abx_virtqueue *queue)
{
    int served = 0;
    do {
        quiet(self, queue);
        while (!abx_virtio_worker_is_held(&self->worker) && served < TURN && serve_next(self, queue))
            served++;
        if (served == TURN) {
            abx_virtio_worker_ring(&self->worker);
            return;
        }
    } while (!abx_virtio_worker_is_held(&self->worker) && listen(self, queue));
}

static void work(void *device)
{
    abx_virtio_server *self = device;
    if (self->attend)
        self->attend(self);
    for (uint32_t i = 0; i < self->queue_count; i++) {
        if (self->queues[i])
            work_on(self, self->queues[i]);
    }
}

abx_status abx_virtio_server_init(abx_virtio_server *server, const abx_device_host *host,
                                  const abx_virtio_mmio_config *config)
{
    server->vm = host->vm;
    server->queue_count = config->queue_count;
    abx_status status = abx_virtio_worker_start(&server->worker, host->loop, work, server);
    if (status != ABX_OK)
        return status;
    status = abx_virtio_mmio_new(&server->transport, host, config);
    if (status != ABX_OK) {
        abx_virtio_worker_end(&server->worker);
        return status;
    }
    /* Without a doorbell notifications come by exits. */
    if (abx_hypervisor_has(abx_vm_get_hypervisor(host->vm), ABX_CAP_IOEVENTFD))
        (void)!abx_virtio_mmio_doorbell(server->transport, server->worker.bell.fd);
    return ABX_OK;
}

void abx_virtio_server_end(abx_virtio_server *server)
{
    abx_virtio_mmio_free(server->transport);
    abx_virtio_worker_end(&server->worker);
}

static void set_queue(abx_virtio_server *self, uint32_t index, abx_virtqueue *queue)
{
    abx_virtio_worker_hold(&self->worker);
    self->queues[index] = queue;
    abx_virtio_worker_release(&self->worker);
}

void abx_virtio_server_start_queue(void *device, uint32_t index, abx_virtqueue *queue)
{
    set_queue(device, index, queue);
}

void abx_virtio_server_stop_queue(void *device, uint32_t index)
{
    set_queue(device, index, NULL);
}

void abx_virtio_server_notify(void *device, uint32_t index)
{
    abx_virtio_server *self = device;
    (void)index;
    abx_virtio_worker_ring(&self->worker);
}

void abx_virtio_server_resume(void *device)
{
    abx_virtio_worker_release(&((abx_virtio_server *)device)->worker);
}

void abx_virtio_server_pause(void *device)
{
    abx_virtio_worker_hold(&((abx_virtio_server *)device)->worker);
}

void abx_virtio_server_count(void *device, abx_device_counters *counters)
{
    abx_virtio_server *self = device;
    abx_virtio_tally_read(&self->tally, counters);
    counters->interrupts = abx_virtio_interrupts(self->transport);
}
