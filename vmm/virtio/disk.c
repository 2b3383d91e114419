/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/disk.h"

#include <errno.h>
#include <fcntl.h>
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

static abx_status make_direct(abx_disk *disk, const char *path)
{
    int error = abx_disk_os_make_direct(disk->fd, &disk->block);
    if (error == EINVAL || error == EOPNOTSUPP)
        return fail_open(path, ABX_ERR_NOT_SUPPORTED, error,
                         "Its file system always goes through the page cache: leave out cache=uncached.");
    if (error)
        return fail_open(path, abx_status_of_errno(error), error, NULL);
    if (disk->block > ABX_DISK_BOUNCE || disk->size % disk->block != 0)
        return fail_open(path, ABX_ERR_FORMAT, 0,
                         "Past the page cache its file system knows larger blocks only, and the image is no whole "
                         "number of them: leave out cache=uncached.");
    disk->direct = true;
    return ABX_OK;
}

abx_status abx_disk_open(abx_disk *disk, const char *path, bool read_only, bool direct)
{
    abx_disk made = { .read_only = read_only, .block = ABX_SECTOR };
    /* Without waiting for whoever opens the other end of a pipe: it is refused below. */
    made.fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK);
    if (made.fd < 0)
        return fail_open(path, abx_status_of_errno(errno), errno, NULL);
    abx_status status = find_size(&made, path);
    /* From here on transfers wait: block devices would fail with EAGAIN. */
    if (status == ABX_OK && fcntl(made.fd, F_SETFL, 0) < 0)
        status = fail_open(path, abx_status_of_errno(errno), errno, NULL);
    if (status == ABX_OK && direct)
        status = make_direct(&made, path);
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

const char *abx_disk_operation_name(abx_disk_operation operation)
{
    static const char names[ABX_DISK_OPERATIONS][8] = { "read", "write", "flush", "discard", "zero" };
    return names[operation];
}

static int zero(const abx_disk *disk, const abx_disk_request *request)
{
    static _Alignas(4096) const char zeros[64 * 1024];
    int error = EOPNOTSUPP;
    if (request->length == 0)
        return 0;
    if (request->may_unmap)
        error = abx_disk_os_punch(disk->fd, request->offset, request->length);
    if (error == EOPNOTSUPP)
        error = abx_disk_os_zero(disk->fd, request->offset, request->length);
    if (error != EOPNOTSUPP)
        return error;
    error = 0;
    for (uint64_t done = 0; done < request->length && !error;) {
        uint64_t rest = request->length - done;
        struct iovec piece = { .iov_base = (void *)zeros, .iov_len = rest < sizeof(zeros) ? rest : sizeof(zeros) };
        abx_disk_request part = {
            .operation = ABX_DISK_WRITE,
            .offset = request->offset + done,
            .length = piece.iov_len,
            .pieces = &piece,
            .piece_count = 1,
        };
        done += piece.iov_len;
        error = abx_disk_transfer(disk, &part, NULL);
    }
    return error;
}

/* A hint: what cannot be discarded stays. */
static int discard(const abx_disk *disk, const abx_disk_request *request)
{
    int error = request->length == 0 ? 0 : abx_disk_os_punch(disk->fd, request->offset, request->length);
    return error == EOPNOTSUPP ? 0 : error;
}

int abx_disk_do(const abx_disk *disk, abx_disk_request *request, void *bounce)
{
    switch (request->operation) {
    case ABX_DISK_READ:
    case ABX_DISK_WRITE:
        return abx_disk_transfer(disk, request, bounce);
    case ABX_DISK_FLUSH:
        return disk->read_only ? 0 : abx_disk_os_flush(disk->fd);
    case ABX_DISK_DISCARD:
        return discard(disk, request);
    case ABX_DISK_ZERO:
        return zero(disk, request);
    case ABX_DISK_OPERATIONS:
        break;
    }
    return EINVAL;
}
