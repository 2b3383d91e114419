/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What systems have for not waiting: stream_<system>.c. */
#ifndef ABX_VMM_VIRTIO_STREAM_OS_H
#define ABX_VMM_VIRTIO_STREAM_OS_H

#include <sys/types.h>
#include <sys/uio.h>

/* readv(2) and writev(2) that fail with EAGAIN rather than wait; with EOPNOTSUPP where that cannot be had. */
ssize_t abx_stream_os_read(int fd, const struct iovec *pieces, int count);
ssize_t abx_stream_os_write(int fd, const struct iovec *pieces, int count);

/* The same terminal, opened once more with O_NONBLOCK; -1: it cannot be. */
int abx_stream_os_reopen(int fd);

#endif
