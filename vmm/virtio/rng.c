/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/rng.h"

#include "boot/boot_os.h"
#include "virtio/server.h"

#include <stdlib.h>

enum {
    DEVICE_ID = 4,
    QUEUE_SIZE = 64,
    AT_ONCE = 256, /* bytes that come without waiting */
};

/* Fills a piece; how much of it. */
static size_t fill(const struct iovec *piece)
{
    size_t done = 0;
    while (done < piece->iov_len) {
        size_t rest = piece->iov_len - done;
        size_t step = rest < AT_ONCE ? rest : AT_ONCE;
        if (!abx_boot_os_random((char *)piece->iov_base + done, step))
            break;
        done += step;
    }
    return done;
}

/* The guest decides how much: less than it asked for is allowed (5.4.6.1), and keeps a reset from waiting long. */
static uint64_t serve(void *device, abx_virtqueue *queue, const abx_virtqueue_chain *chain)
{
    enum { ENOUGH = 64 * 1024 };
    uint64_t written = 0;
    (void)device;
    (void)queue;
    for (uint32_t i = 0; i < chain->writable_count && written < ENOUGH; i++) {
        struct iovec piece = chain->writable[i];
        if (piece.iov_len > ENOUGH - written)
            piece.iov_len = ENOUGH - written;
        size_t done = fill(&piece);
        written += done;
        if (done < piece.iov_len)
            break;
    }
    return written;
}

static const abx_virtio_device_ops virtio_ops = {
    .id = DEVICE_ID,
    .name = "entropy",
    .start_queue = abx_virtio_server_start_queue,
    .stop_queue = abx_virtio_server_stop_queue,
    .notify = abx_virtio_server_notify,
};

static void rng_free(void *device)
{
    abx_virtio_server_end(device);
    free(device);
}

static const abx_device_ops device_ops = {
    .resume = abx_virtio_server_resume,
    .pause = abx_virtio_server_pause,
    .count = abx_virtio_server_count,
    .free = rng_free,
};

abx_status abx_virtio_rng_new(abx_device *out, const abx_device_host *host, abx_gpa base, uint32_t line)
{
    abx_virtio_server *self = calloc(1, sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a source of random numbers");
    self->serve = serve;
    const abx_virtio_mmio_config config = {
        .ops = &virtio_ops,
        .device = self,
        .queue_count = 1,
        .queue_size = QUEUE_SIZE,
        .base = base,
        .line = line,
        .interrupt_fd = -1,
    };
    abx_status status = abx_virtio_server_init(self, host, &config);
    if (status != ABX_OK) {
        free(self);
        return status;
    }
    *out = (abx_device){ &device_ops, self };
    return ABX_OK;
}
