/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One direction of a host end: reads or writes of a descriptor that never wait, whether it blocks or not, and without
 * SIGPIPE. The descriptor is the caller's and others may share its flags: they stay as they are.
 *
 * Files are always ready. Sockets are asked not to wait (MSG_DONTWAIT), and so is everything else where the system can
 * (RWF_NOWAIT); terminals are opened once more without blocking where that is possible. What remains is asked by
 * poll(2) and then given no more than poll promises room for: PIPE_BUF bytes for a pipe, else a byte at a time.
 */
#ifndef ABX_VMM_VIRTIO_STREAM_H
#define ABX_VMM_VIRTIO_STREAM_H

#include <arcbox/error.h>

#include <sys/uio.h>

typedef enum abx_stream_kind {
    ABX_STREAM_NONE = 0, /* nothing comes, and what goes is thrown away */
    ABX_STREAM_FILE,
    ABX_STREAM_SOCKET,
    ABX_STREAM_NONBLOCKING, /* opened so by us */
    ABX_STREAM_NOWAIT,      /* each call says so */
    ABX_STREAM_POLLED,
} abx_stream_kind;

typedef struct abx_stream {
    abx_stream_kind kind;
    int fd;       /* our own; -1: none */
    size_t chunk; /* of POLLED output: bytes that fit when there is room */
} abx_stream;

/* Opens it on a duplicate of `fd`, -1 being none. Errors: ABX_ERR_LIMIT, ABX_ERR_SYSTEM. */
abx_status abx_stream_open(abx_stream *stream, int fd);
void abx_stream_close(abx_stream *stream);

/* Reads or writes what goes now, in one call: bytes, 0 at the end of the input, -EAGAIN where it would wait, or another
 * negative errno. `count` is 1 to ABX_VIRTQUEUE_PIECES and not all pieces are empty. One thread at a time. */
ssize_t abx_stream_read(abx_stream *stream, const struct iovec *pieces, uint32_t count);
ssize_t abx_stream_write(abx_stream *stream, const struct iovec *pieces, uint32_t count);

/* Whether nobody is at the other end of an output any more, as far as can be told without writing. */
bool abx_stream_is_hung_up(const abx_stream *stream);

#endif
