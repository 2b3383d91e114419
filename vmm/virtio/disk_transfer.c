/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reads and writes of a disk. */
#include "virtio/disk.h"

#include "virtio/pieces.h"

#include <errno.h>
#include <unistd.h>

bool abx_disk_is_aligned(const abx_disk *disk, const abx_disk_request *request)
{
    uintptr_t bits = 0;
    if (!disk->direct)
        return true;
    for (uint32_t i = 0; i < request->piece_count; i++)
        bits |= (uintptr_t)request->pieces[i].iov_base | request->pieces[i].iov_len;
    return bits % disk->block == 0;
}

void abx_disk_advance(abx_disk_request *request, size_t done)
{
    request->offset += done;
    request->length -= done;
    while (request->piece_count > 0 && done >= request->pieces->iov_len) {
        done -= request->pieces->iov_len;
        request->pieces++;
        request->piece_count--;
    }
    if (request->piece_count > 0) {
        request->pieces->iov_base = (char *)request->pieces->iov_base + done;
        request->pieces->iov_len -= done;
    }
}

static ssize_t move(const abx_disk *disk, const abx_disk_request *request, const struct iovec *pieces, uint32_t count)
{
    off_t offset = (off_t)request->offset;
    return request->operation == ABX_DISK_READ ? preadv(disk->fd, pieces, (int)count, offset)
                                               : pwritev(disk->fd, pieces, (int)count, offset);
}

/* By way of memory that is aligned. */
static ssize_t move_by(void *bounce, const abx_disk *disk, const abx_disk_request *request)
{
    size_t length = request->length < ABX_DISK_BOUNCE ? (size_t)request->length : ABX_DISK_BOUNCE;
    const struct iovec piece = { .iov_base = bounce, .iov_len = length };
    if (request->operation == ABX_DISK_WRITE)
        abx_pieces_read(request->pieces, request->piece_count, 0, bounce, length);
    ssize_t done = move(disk, request, &piece, 1);
    if (request->operation == ABX_DISK_READ && done > 0)
        abx_pieces_write(request->pieces, request->piece_count, 0, bounce, (size_t)done);
    return done;
}

int abx_disk_transfer(const abx_disk *disk, abx_disk_request *request, void *bounce)
{
    while (request->length > 0) {
        ssize_t done = abx_disk_is_aligned(disk, request) ? move(disk, request, request->pieces, request->piece_count)
                                                          : move_by(bounce, disk, request);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return errno;
        if (done == 0)
            return EIO;
        abx_disk_advance(request, (size_t)done);
    }
    return 0;
}
