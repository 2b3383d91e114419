/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The data path of a console's port: a pair of queues on one side, a pair of streams on the other, and nothing in
 * between. What cannot go on stays in its queue, and input stays where it comes from: nothing is lost.
 */
#ifndef ABX_VMM_VIRTIO_CONSOLE_PORT_H
#define ABX_VMM_VIRTIO_CONSOLE_PORT_H

#include "virtio/stream.h"
#include "virtio/tally.h"
#include "virtio/virtio_device.h"

/* One of the two directions. */
typedef struct abx_virtio_flow {
    abx_virtqueue *queue; /* NULL: stopped */
    abx_stream stream;
    bool ended; /* the input has come to its end, or nobody takes the output */
    int error;  /* why; 0: the end of the input */
} abx_virtio_flow;

typedef struct abx_virtio_port {
    abx_vm *vm;
    abx_virtio_mmio *transport;
    abx_virtio_flow input;  /* to the guest: its receive queue */
    abx_virtio_flow output; /* from the guest: its transmit queue */
    uint64_t sent;          /* bytes of the next chain of the transmit queue that have gone out */
    abx_virtio_tally tally; /* a chain is an operation; bytes that are thrown away count */
} abx_virtio_port;

typedef enum abx_virtio_port_step {
    ABX_PORT_EMPTY,   /* the guest has nothing there; it will notify */
    ABX_PORT_MOVED,   /* something went, there may be more */
    ABX_PORT_BLOCKED, /* the stream is not ready */
    ABX_PORT_ENDED,   /* `ended` has just become true */
} abx_virtio_port_step;

/* Opens the streams of a port that is all zero. Errors: those of abx_stream_open(). */
abx_status abx_virtio_port_open(abx_virtio_port *port, int input_fd, int output_fd);
void abx_virtio_port_close(abx_virtio_port *port);

/* Moves a chain, or a part of a large one, without waiting. The queue has been started; for receive the input has not
 * ended. One thread at a time. */
abx_virtio_port_step abx_virtio_port_transmit(abx_virtio_port *port);
abx_virtio_port_step abx_virtio_port_receive(abx_virtio_port *port);

/* Writes bytes beside the queue; how many went. -EAGAIN: the stream is not ready. */
ssize_t abx_virtio_port_write(abx_virtio_port *port, const struct iovec *pieces, uint32_t count);

/* Whether something may still come from the host's end or go there. */
bool abx_virtio_port_is_open(const abx_virtio_port *port);

#endif
