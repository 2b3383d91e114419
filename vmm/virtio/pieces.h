/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Bytes in a list of pieces, as if it were one: section 2.7.4 lets the driver cut a request anywhere. */
#ifndef ABX_VMM_VIRTIO_PIECES_H
#define ABX_VMM_VIRTIO_PIECES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* Copies bytes [offset, offset + length) of a list out, or into it; how many of them there were. */
size_t abx_pieces_read(const struct iovec *pieces, uint32_t count, uint64_t offset, void *to, size_t length);
size_t abx_pieces_write(const struct iovec *pieces, uint32_t count, uint64_t offset, const void *from, size_t length);

/* The list of bytes [offset, offset + length), which are there; `out` has room for `count`, and may be `pieces`. Its
 * number of pieces. */
uint32_t abx_pieces_slice(struct iovec *out, const struct iovec *pieces, uint32_t count, uint64_t offset,
                          uint64_t length);

#endif
