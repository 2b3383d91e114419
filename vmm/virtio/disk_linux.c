/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What Linux can do with a range of a file or block device. */
#include "virtio/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

int abx_disk_os_size(int fd, uint64_t *size)
{
    return ioctl(fd, BLKGETSIZE64, size) < 0 ? errno : 0;
}

/* The smallest block that can be read: for kernels and file systems that do not tell. */
static int try_blocks(int fd, uint32_t *block)
{
    _Alignas(4096) char bytes[4096];
    for (uint32_t size = 512; size <= sizeof(bytes); size *= 2) {
        *block = size;
        if (pread(fd, bytes, size, 0) >= 0)
            return 0;
        if (errno != EINVAL)
            return errno;
    }
    return EINVAL;
}

/* Buffers are asked to be aligned as offsets are: what less would do differs from one device to the next. */
int abx_disk_os_make_direct(int fd, uint32_t *block)
{
    struct statx told;
    if (fcntl(fd, F_SETFL, O_DIRECT) < 0)
        return errno;
    if (statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &told) < 0 || !(told.stx_mask & STATX_DIOALIGN))
        return try_blocks(fd, block);
    uint32_t offset = told.stx_dio_offset_align, memory = told.stx_dio_mem_align;
    if (offset == 0)
        return EINVAL;
    *block = offset > memory ? offset : memory;
    if (*block < 512)
        *block = 512;
    return 0;
}

int abx_disk_os_flush(int fd)
{
    int result;
    do {
        result = fdatasync(fd);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? errno : 0;
}

/* A block device refuses parts of its sectors, which may be larger than a guest's. */
static int allocate(int fd, int mode, uint64_t offset, uint64_t length)
{
    int result;
    do {
        result = fallocate(fd, mode | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)length);
    } while (result < 0 && errno == EINTR);
    if (result == 0)
        return 0;
    return errno == EINVAL ? EOPNOTSUPP : errno;
}

int abx_disk_os_punch(int fd, uint64_t offset, uint64_t length)
{
    return allocate(fd, FALLOC_FL_PUNCH_HOLE, offset, length);
}

int abx_disk_os_zero(int fd, uint64_t offset, uint64_t length)
{
    return allocate(fd, FALLOC_FL_ZERO_RANGE, offset, length);
}
