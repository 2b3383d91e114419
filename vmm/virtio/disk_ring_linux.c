/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/disk_ring.h"

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>

/* What is copied from the page cache keeps the loop from its other work: in bytes. */
enum { COPY_MAX = 256 * 1024 };

typedef struct ring {
    abx_disk_engine engine;
    abx_disk_engine *threads;
    const abx_disk *disk;
    const abx_wakeup *bell;
    struct io_uring uring;
    uint32_t under_way; /* in the kernel */
} ring;

/* Writes to the page cache block on most file systems. */
static bool suits(const ring *self, const abx_disk_request *request)
{
    bool transfer = request->operation == ABX_DISK_READ || request->operation == ABX_DISK_WRITE;
    if (self->disk->direct)
        return transfer && request->length > 0 && abx_disk_is_aligned(self->disk, request);
    return request->operation == ABX_DISK_READ && request->length <= COPY_MAX;
}

static void ring_submit(abx_disk_engine *engine, abx_disk_request *request)
{
    ring *self = (ring *)engine;
    struct io_uring_sqe *entry = suits(self, request) ? io_uring_get_sqe(&self->uring) : NULL;
    if (!entry) {
        abx_disk_engine_submit(self->threads, request);
        return;
    }
    if (request->operation == ABX_DISK_READ)
        io_uring_prep_readv(entry, self->disk->fd, request->pieces, request->piece_count, request->offset);
    else
        io_uring_prep_writev(entry, self->disk->fd, request->pieces, request->piece_count, request->offset);
    entry->rw_flags = RWF_NOWAIT;
    io_uring_sqe_set_data(entry, request);
    self->under_way++;
}

/* Where the kernel has no memory for it now, what is left is tried again at the next turn. */
static void ring_start(abx_disk_engine *engine)
{
    ring *self = (ring *)engine;
    while (io_uring_sq_ready(&self->uring) > 0) {
        int result = io_uring_submit(&self->uring);
        if (result < 0 && result != -EINTR) {
            abx_wakeup_raise(self->bell);
            return;
        }
    }
}

static bool must_wait(int result)
{
    return result == -EAGAIN || result == -EOPNOTSUPP || result == -EINTR;
}

/* True: it is done. Threads do what is left, and find out why when that was all. */
static bool complete(ring *self, abx_disk_request *request, int result)
{
    if (result < 0 && !must_wait(result)) {
        request->error = -result;
        return true;
    }
    if (result > 0)
        abx_disk_advance(request, (size_t)result);
    if (request->length == 0) {
        request->error = 0;
        return true;
    }
    abx_disk_engine_submit(self->threads, request);
    return false;
}

static abx_disk_request *reap_uring(ring *self)
{
    struct io_uring_cqe *entry;
    while (io_uring_peek_cqe(&self->uring, &entry) == 0) {
        abx_disk_request *request = io_uring_cqe_get_data(entry);
        int result = entry->res;
        io_uring_cqe_seen(&self->uring, entry);
        self->under_way--;
        if (complete(self, request, result))
            return request;
    }
    return NULL;
}

static abx_disk_request *ring_reap(abx_disk_engine *engine, bool wait)
{
    ring *self = (ring *)engine;
    for (;;) {
        abx_disk_request *request = reap_uring(self);
        if (!request)
            request = abx_disk_engine_reap(self->threads, wait && self->under_way == 0);
        if (request || !wait)
            return request;
        /* With what could not be submitted before. An interruption is looked at like a completion. */
        (void)!io_uring_submit_and_wait(&self->uring, 1);
    }
}

static void ring_close(abx_disk_engine *engine)
{
    ring *self = (ring *)engine;
    io_uring_queue_exit(&self->uring);
    abx_disk_engine_close(self->threads);
    free(self);
}

/* Whatever keeps us from io_uring, an old kernel, a filter of system calls, an administrator, there are threads. */
static abx_status refuse(int error)
{
    return abx_fail(ABX_ERR_NOT_SUPPORTED, error, NULL, "set up io_uring");
}

static abx_status ring_open(abx_disk_engine **out, const abx_disk *disk, uint32_t depth, const abx_wakeup *bell)
{
    ring *self = calloc(1, sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a disk's ring");
    int error = -io_uring_queue_init(depth, &self->uring, 0);
    abx_status status = error ? refuse(error) : ABX_OK;
    if (status != ABX_OK)
        goto fail;
    error = -io_uring_register_eventfd(&self->uring, bell->fd);
    status = error ? refuse(error) : abx_disk_threads.open(&self->threads, disk, depth, bell);
    if (status != ABX_OK)
        goto fail_uring;
    self->engine.kind = &abx_disk_ring;
    self->disk = disk;
    self->bell = bell;
    *out = &self->engine;
    return ABX_OK;

fail_uring:
    io_uring_queue_exit(&self->uring);
fail:
    free(self);
    return status;
}

const abx_disk_engine_kind abx_disk_ring = {
    .name = "io_uring",
    .open = ring_open,
    .close = ring_close,
    .submit = ring_submit,
    .start = ring_start,
    .reap = ring_reap,
};
