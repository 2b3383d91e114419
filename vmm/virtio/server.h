/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What devices share whose queues are served by one worker, one request after the other. */
#ifndef ABX_VMM_VIRTIO_SERVER_H
#define ABX_VMM_VIRTIO_SERVER_H

#include "virtio/mmio.h"
#include "virtio/tally.h"
#include "virtio/worker.h"

/*
 * The first member of such a device, so that the functions below fit abx_virtio_device_ops and abx_device_ops as they
 * are.
 */
typedef struct abx_virtio_server {
    abx_vm *vm;
    abx_virtio_mmio *transport;
    abx_virtio_worker worker;
    abx_virtio_tally tally; /* of requests and their bytes; errors are the device's to add */
    uint32_t queue_count;
    abx_virtqueue *queues[ABX_VIRTIO_QUEUES_MAX]; /* change while the worker is held; NULL: stopped */
    /* Does what a request says; the number of bytes written. May break the queue. In the worker, within a stay. */
    uint64_t (*serve)(void *device, abx_virtqueue *queue, const abx_virtqueue_chain *chain);
    /* What else there is to do when the worker was rung for, before the queues. In the worker. NULL: nothing. */
    void (*attend)(void *device);
} abx_virtio_server;

/* What `serve` returns of a chain that the device gives back itself, later. */
#define ABX_VIRTIO_SERVER_KEPT UINT64_MAX

/*
 * Starts worker and transport; `serve` is set. `config` is for the transport, `config->device` begins with `server`.
 * Errors: those of abx_virtio_worker_start() and abx_virtio_mmio_new().
 */
abx_status abx_virtio_server_init(abx_virtio_server *server, const abx_device_host *host,
                                  const abx_virtio_mmio_config *config);
void abx_virtio_server_end(abx_virtio_server *server);

/* For abx_virtio_device_ops. */
void abx_virtio_server_start_queue(void *device, uint32_t index, abx_virtqueue *queue);
void abx_virtio_server_stop_queue(void *device, uint32_t index);
void abx_virtio_server_notify(void *device, uint32_t index);

/* For abx_device_ops. */
void abx_virtio_server_resume(void *device);
void abx_virtio_server_pause(void *device);
void abx_virtio_server_count(void *device, abx_device_counters *counters);

#endif
