/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

static abx_status fail_open(const char *path, abx_status status, int error, const char *advice)
{
    return abx_fail(status, error, advice, "open disk image %s", path);
}

static abx_status find_size(abx_disk *disk, const char *path)
{
    struct stat file;
    int error = fstat(disk->fd, &file) < 0 ? errno : 0;
    if (!error && S_ISBLK(file.st_mode))
        error = abx_disk_os_size(disk->fd, &disk->size);
    else if (!error && S_ISREG(file.st_mode))
        disk->size = (uint64_t)file.st_size;
    else if (!error)
        return fail_open(path, ABX_ERR_INVALID, 0, "Give a regular file or a block device.");
    if (error)
        return fail_open(path, abx_status_of_errno(error), error, NULL);
    if (disk->size == 0 || disk->size % ABX_SECTOR != 0)
        return fail_open(path, ABX_ERR_FORMAT, 0,
                         "A raw image is a whole number of sectors of 512 bytes, at least one.");
    return ABX_OK;
}

abx_status abx_disk_open(abx_disk *disk, const char *path, bool read_only)
{
    abx_disk made = { .read_only = read_only };
    /* Without waiting for whoever opens the other end of a pipe: it is refused below. */
    made.fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK);
    if (made.fd < 0)
        return fail_open(path, abx_status_of_errno(errno), errno, NULL);
    abx_status status = find_size(&made, path);
    if (status != ABX_OK) {
        close(made.fd);
        return status;
    }
    *disk = made;
    return ABX_OK;
}

void abx_disk_close(abx_disk *disk)
{
    close(disk->fd);
}

/* Leaves out the first `done` bytes of what is to be done. */
static void go_on(abx_disk_request *request, size_t done)
{
    request->offset += done;
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

static int transfer(const abx_disk *disk, abx_disk_request *request)
{
    while (request->piece_count > 0) {
        int count = (int)request->piece_count;
        off_t offset = (off_t)request->offset;
        ssize_t done = request->operation == ABX_DISK_READ ? preadv(disk->fd, request->pieces, count, offset)
                                                           : pwritev(disk->fd, request->pieces, count, offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return errno;
        if (done == 0)
            return EIO;
        go_on(request, (size_t)done);
    }
    return 0;
}

static int write_zeros(const abx_disk *disk, uint64_t offset, uint64_t length)
{
    static const char zeros[64 * 1024];
    while (length > 0) {
        size_t here = length < sizeof(zeros) ? length : sizeof(zeros);
        struct iovec piece = { .iov_base = (void *)zeros, .iov_len = here };
        abx_disk_request part = { .operation = ABX_DISK_WRITE, .offset = offset, .pieces = &piece, .piece_count = 1 };
        int error = transfer(disk, &part);
        if (error)
            return error;
        offset += here;
        length -= here;
    }
    return 0;
}

static int zero(const abx_disk *disk, const abx_disk_request *request)
{
    int error = EOPNOTSUPP;
    if (request->length == 0)
        return 0;
    if (request->may_unmap)
        error = abx_disk_os_punch(disk->fd, request->offset, request->length);
    if (error == EOPNOTSUPP)
        error = abx_disk_os_zero(disk->fd, request->offset, request->length);
    if (error == EOPNOTSUPP)
        error = write_zeros(disk, request->offset, request->length);
    return error;
}

/* A hint: what cannot be discarded stays. */
static int discard(const abx_disk *disk, const abx_disk_request *request)
{
    int error = request->length == 0 ? 0 : abx_disk_os_punch(disk->fd, request->offset, request->length);
    return error == EOPNOTSUPP ? 0 : error;
}

int abx_disk_do(const abx_disk *disk, abx_disk_request *request)
{
    switch (request->operation) {
    case ABX_DISK_READ:
    case ABX_DISK_WRITE:
        return transfer(disk, request);
    case ABX_DISK_FLUSH:
        return disk->read_only ? 0 : abx_disk_os_flush(disk->fd);
    case ABX_DISK_DISCARD:
        return discard(disk, request);
    case ABX_DISK_ZERO:
        return zero(disk, request);
    }
    return EINVAL;
}
