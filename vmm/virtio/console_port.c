/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/console_port.h"

#include "virtio/pieces.h"

#include <errno.h>

/* At most so much in one call: a reset waits for it. */
enum { AT_ONCE = 256 * 1024 };

abx_status abx_virtio_port_open(abx_virtio_port *port, int input_fd, int output_fd)
{
    port->input.stream.fd = port->output.stream.fd = -1;
    abx_status status = abx_stream_open(&port->input.stream, input_fd);
    if (status == ABX_OK)
        status = abx_stream_open(&port->output.stream, output_fd);
    if (status != ABX_OK)
        abx_virtio_port_close(port);
    return status;
}

void abx_virtio_port_close(abx_virtio_port *port)
{
    abx_stream_close(&port->input.stream);
    abx_stream_close(&port->output.stream);
}

static ssize_t length_of(const struct iovec *pieces, uint32_t count)
{
    size_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += pieces[i].iov_len;
    return (ssize_t)sum;
}

ssize_t abx_virtio_port_write(abx_virtio_port *port, const struct iovec *pieces, uint32_t count)
{
    abx_virtio_flow *output = &port->output;
    if (count == 0)
        return 0;
    ssize_t moved = output->ended ? length_of(pieces, count) : abx_stream_write(&output->stream, pieces, count);
    if (moved < 0 && moved != -EAGAIN) {
        output->ended = true;
        output->error = (int)-moved;
        abx_virtio_tally_error(&port->tally);
        moved = length_of(pieces, count);
    }
    if (moved > 0)
        abx_virtio_tally_raise(&port->tally.bytes_written, (uint64_t)moved);
    return moved;
}

/* What is not written yet is found again at the next pop. The guest may have changed it: its own loss. */
static abx_virtio_port_step transmit_next(abx_virtio_port *port)
{
    abx_virtqueue *queue = port->output.queue;
    abx_virtqueue_chain chain;
    struct iovec pieces[ABX_VIRTQUEUE_PIECES];
    if (!abx_virtqueue_pop(queue, &chain, pieces, ABX_VIRTQUEUE_PIECES))
        return abx_virtqueue_listen(queue) ? ABX_PORT_MOVED : ABX_PORT_EMPTY;
    bool had_ended = port->output.ended;
    uint32_t count = abx_pieces_slice(pieces, chain.readable, chain.readable_count, port->sent, AT_ONCE);
    ssize_t moved = abx_virtio_port_write(port, pieces, count);
    if (moved < 0) {
        abx_virtqueue_unpop(queue, &chain);
        return ABX_PORT_BLOCKED;
    }
    port->sent += (uint64_t)moved;
    if (port->sent < chain.readable_length) {
        abx_virtqueue_unpop(queue, &chain);
    } else {
        port->sent = 0;
        abx_virtio_tally_request(&port->tally, 0, 0);
        abx_virtqueue_push(queue, &chain, 0);
    }
    return port->output.ended && !had_ended ? ABX_PORT_ENDED : ABX_PORT_MOVED;
}

static abx_virtio_port_step receive_next(abx_virtio_port *port)
{
    abx_virtio_flow *input = &port->input;
    abx_virtqueue_chain chain;
    struct iovec pieces[ABX_VIRTQUEUE_PIECES];
    if (!abx_virtqueue_pop(input->queue, &chain, pieces, ABX_VIRTQUEUE_PIECES))
        return abx_virtqueue_listen(input->queue) ? ABX_PORT_MOVED : ABX_PORT_EMPTY;
    uint32_t count = abx_pieces_slice(pieces, chain.writable, chain.writable_count, 0, AT_ONCE);
    ssize_t moved = count > 0 ? abx_stream_read(&input->stream, pieces, count) : 0;
    if (moved > 0 || count == 0) {
        abx_virtqueue_push(input->queue, &chain, (uint64_t)moved);
        abx_virtio_tally_request(&port->tally, (uint64_t)moved, 0);
        return ABX_PORT_MOVED;
    }
    abx_virtqueue_unpop(input->queue, &chain);
    if (moved == -EAGAIN)
        return ABX_PORT_BLOCKED;
    input->ended = true;
    input->error = (int)-moved;
    if (input->error)
        abx_virtio_tally_error(&port->tally);
    return ABX_PORT_ENDED;
}

abx_virtio_port_step abx_virtio_port_transmit(abx_virtio_port *port)
{
    abx_memory_guard stay = abx_memory_enter(port->vm);
    abx_virtio_port_step step = transmit_next(port);
    abx_virtio_used(port->transport, port->output.queue);
    abx_memory_leave(port->vm, stay);
    return step;
}

abx_virtio_port_step abx_virtio_port_receive(abx_virtio_port *port)
{
    abx_memory_guard stay = abx_memory_enter(port->vm);
    abx_virtio_port_step step = receive_next(port);
    abx_virtio_used(port->transport, port->input.queue);
    abx_memory_leave(port->vm, stay);
    return step;
}

/* Where there is nothing at either end there is nothing to wait for, either. */
bool abx_virtio_port_is_open(const abx_virtio_port *port)
{
    bool has_input = port->input.stream.kind != ABX_STREAM_NONE;
    bool has_output = port->output.stream.kind != ABX_STREAM_NONE;
    if (!has_input && !has_output)
        return true;
    return (has_input && !port->input.ended) || (has_output && !port->output.ended);
}
