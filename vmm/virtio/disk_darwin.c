/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What macOS can do with a disk's image. */
#include "virtio/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

/* XNU, bsd/sys/disk.h: the size of a block, and how many there are. */
#define GET_BLOCK_SIZE  _IOR('d', 24, uint32_t)
#define GET_BLOCK_COUNT _IOR('d', 25, uint64_t)

int abx_disk_os_size(int fd, uint64_t *size)
{
    uint32_t block;
    uint64_t count;
    if (ioctl(fd, GET_BLOCK_SIZE, &block) < 0 || ioctl(fd, GET_BLOCK_COUNT, &count) < 0)
        return errno;
    return __builtin_mul_overflow(count, (uint64_t)block, size) ? EOVERFLOW : 0;
}

/* The system aligns by itself. */
int abx_disk_os_make_direct(int fd, uint32_t *block)
{
    *block = 512;
    return fcntl(fd, F_NOCACHE, 1) < 0 ? errno : 0;
}

/* fsync(2) leaves data in the drive's own cache. */
int abx_disk_os_flush(int fd)
{
    int result;
    do {
        result = fcntl(fd, F_FULLFSYNC);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? errno : 0;
}

/* Holes are whole blocks of the file system; other ranges are refused. */
int abx_disk_os_punch(int fd, uint64_t offset, uint64_t length)
{
    fpunchhole_t hole = { .fp_offset = (off_t)offset, .fp_length = (off_t)length };
    return fcntl(fd, F_PUNCHHOLE, &hole) < 0 ? EOPNOTSUPP : 0;
}

int abx_disk_os_zero(int fd, uint64_t offset, uint64_t length)
{
    (void)fd;
    (void)offset;
    (void)length;
    return EOPNOTSUPP;
}
