/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* From the queues to the image and back. */
#include "virtio/block_internal.h"

#include "error_text.h"
#include "virtio/pieces.h"

#include <stdio.h>

/* The guest decides how often: it is told once, until the same succeeds. */
static void note_result(block *self, const abx_disk_request *io)
{
    bool *told = &self->told[io->operation];
    if (io->error) {
        char reason[48], text[92];
        abx_virtio_tally_error(&self->tally);
        if (*told || !self->host.tell)
            return;
        abx_error_text(io->error, reason, sizeof(reason));
        snprintf(text, sizeof(text), "%s: %s: %s", self->name, abx_disk_operation_name(io->operation), reason);
        self->host.tell(self->host.machine, ABX_EVENT_DISK_ERROR, (uint64_t)io->error, text);
    }
    *told = io->error != 0;
}

/* The id, and zeros for whatever room is behind it. */
static void write_id(const block *self, const abx_block_request *request)
{
    const abx_virtqueue_chain *chain = &request->chain;
    size_t length = request->data_length < sizeof(self->id) ? (size_t)request->data_length : sizeof(self->id);
    abx_pieces_write(chain->writable, chain->writable_count, 0, self->id, length);
}

/* There is one. */
static abx_block_request *get_free(block *self)
{
    abx_disk_request *io = self->free;
    self->in_flight++;
    if (!io)
        return &self->requests[self->fresh++];
    self->free = io->next;
    return (abx_block_request *)io;
}

static void release(block *self, abx_block_request *request)
{
    abx_memory_leave(self->host.vm, request->stay);
    request->io.next = self->free;
    self->free = &request->io;
    self->in_flight--;
}

static void count(block *self, const abx_block_request *request)
{
    bool moved = request->status == ABX_BLOCK_OK && request->steps > 0;
    bool read = moved && request->io.operation == ABX_DISK_READ;
    bool written = moved && request->io.operation == ABX_DISK_WRITE;
    abx_virtio_tally_request(&self->tally, read ? request->data_length : 0,
                             written ? request->chain.readable_length - ABX_BLOCK_HEADER : 0);
}

static void give_back(block *self, abx_block_request *request)
{
    *request->status_place = request->status;
    abx_virtqueue_push(self->queues[request->queue], &request->chain, abx_block_request_written(request));
    self->used |= UINT32_C(1) << request->queue;
    count(self, request);
    release(self, request);
}

/* Begins what is to be done next, or ends it. */
static void go_on(block *self, abx_block_request *request)
{
    if (abx_block_request_next(request))
        abx_disk_engine_submit(self->engine, &request->io);
    else
        give_back(self, request);
}

static void settle(block *self, abx_disk_request *io)
{
    abx_block_request *request = (abx_block_request *)io;
    note_result(self, io);
    if (io->error)
        request->status = ABX_BLOCK_IOERR;
    go_on(self, request);
}

static void settle_done(block *self)
{
    abx_disk_request *io;
    while ((io = abx_disk_engine_reap(self->engine, false)))
        settle(self, io);
}

/* A stay for each request: whoever takes memory away waits for those in flight, not for a busy guest. */
static bool take(block *self, uint32_t index)
{
    abx_virtqueue *queue = self->queues[index];
    abx_block_request *request = get_free(self);
    request->stay = abx_memory_enter(self->host.vm);
    request->queue = index;
    if (!abx_virtqueue_pop(queue, &request->chain, request->pieces, ABX_VIRTQUEUE_PIECES)) {
        release(self, request);
        return false;
    }
    if (!abx_block_request_parse(request, &self->disk)) {
        abx_virtqueue_break(queue, ABX_VIRTQUEUE_REFUSED);
        release(self, request);
        return false;
    }
    if (request->wants_id)
        write_id(self, request);
    if (self->volatile_writes && request->io.operation == ABX_DISK_FLUSH)
        request->steps = 0;
    go_on(self, request);
    return true;
}

static bool listen(block *self, abx_virtqueue *queue)
{
    abx_memory_guard stay = abx_memory_enter(self->host.vm);
    bool more = abx_virtqueue_listen(queue);
    abx_memory_leave(self->host.vm, stay);
    return more;
}

static void quiet(block *self, abx_virtqueue *queue)
{
    abx_memory_guard stay = abx_memory_enter(self->host.vm);
    abx_virtqueue_quiet(queue);
    abx_memory_leave(self->host.vm, stay);
}

/* Takes no more than `*budget`. False: there may be more, and the driver was not asked to tell of it. */
static bool take_all(block *self, uint32_t index, uint32_t *budget)
{
    abx_virtqueue *queue = self->queues[index];
    do {
        quiet(self, queue);
        do {
            if (self->in_flight == BLOCK_IN_FLIGHT || *budget == 0 || abx_virtio_worker_is_held(&self->worker))
                return false;
            --*budget;
        } while (take(self, index));
        if (queue->fault != ABX_VIRTQUEUE_SOUND)
            self->used |= UINT32_C(1) << index;
    } while (listen(self, queue));
    return true;
}

static void tell_queues(block *self)
{
    abx_memory_guard stay = abx_memory_enter(self->host.vm);
    for (uint32_t i = 0; self->used; i++, self->used >>= 1) {
        if ((self->used & 1) && self->queues[i])
            abx_virtio_used(self->transport, self->queues[i]);
    }
    abx_memory_leave(self->host.vm, stay);
}

void block_work(void *device)
{
    block *self = device;
    uint32_t budget = BLOCK_IN_FLIGHT;
    bool all = true;
    settle_done(self);
    for (uint32_t i = 0; i < self->queue_count; i++) {
        uint32_t index = (self->turn + i) % self->queue_count;
        if (self->queues[index])
            all &= take_all(self, index, &budget);
    }
    self->turn = self->turn + 1 < self->queue_count ? self->turn + 1 : 0;
    abx_disk_engine_start(self->engine);
    settle_done(self);
    tell_queues(self);
    /* Others of the loop have their turn first. With nothing free the next that is done rings. */
    if (!all && self->in_flight < BLOCK_IN_FLIGHT)
        abx_virtio_worker_ring(&self->worker);
}

void block_drain(block *self)
{
    pthread_mutex_lock(&self->drain);
    while (self->in_flight > 0)
        settle(self, abx_disk_engine_reap(self->engine, true));
    tell_queues(self);
    pthread_mutex_unlock(&self->drain);
}

void block_set_queue(block *self, uint32_t index, abx_virtqueue *queue)
{
    abx_virtio_worker_hold(&self->worker);
    block_drain(self);
    pthread_mutex_lock(&self->drain);
    self->queues[index] = queue;
    pthread_mutex_unlock(&self->drain);
    abx_virtio_worker_release(&self->worker);
}
