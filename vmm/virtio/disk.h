/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A raw image, a regular file or a block device, by synchronous calls. */
#ifndef ABX_VMM_VIRTIO_DISK_H
#define ABX_VMM_VIRTIO_DISK_H

#include <arcbox/error.h>

#include <sys/uio.h>

enum { ABX_SECTOR = 512 };

typedef struct abx_disk {
    int fd;
    bool read_only;
    uint64_t size; /* in bytes, a multiple of ABX_SECTOR */
} abx_disk;

typedef enum abx_disk_operation {
    ABX_DISK_READ,
    ABX_DISK_WRITE,
    ABX_DISK_FLUSH,   /* all writes that were done before are on the medium */
    ABX_DISK_DISCARD, /* what is in a range does not matter any more */
    ABX_DISK_ZERO,    /* a range reads as zeros */
} abx_disk_operation;

/* Something to be done, all of it within the disk and in whole sectors. */
typedef struct abx_disk_request {
    abx_disk_operation operation;
    uint64_t offset;      /* in bytes */
    uint64_t length;      /* DISCARD, ZERO: bytes */
    bool may_unmap;       /* ZERO: the range need not stay allocated */
    struct iovec *pieces; /* READ, WRITE: at most IOV_MAX; changed */
    uint32_t piece_count;
} abx_disk_request;

/*
 * Opens `path`. Errors: those of open(2); ABX_ERR_INVALID (neither a regular file nor a block device),
 * ABX_ERR_FORMAT (empty, or no whole number of sectors).
 */
abx_status abx_disk_open(abx_disk *disk, const char *path, bool read_only);
void abx_disk_close(abx_disk *disk);

/* Does `request` and returns 0 or an errno: ENOSPC, EIO … A file that became shorter gives EIO. */
int abx_disk_do(const abx_disk *disk, abx_disk_request *request);

/* Of the system: the size of an open block device; 0 or an errno. */
int abx_disk_os_size(int fd, uint64_t *size);

/* Of the system: all that was written is on the medium; 0 or an errno. */
int abx_disk_os_flush(int fd);

/* Of the system: a range becomes a hole, or zeros that stay allocated; 0, or EOPNOTSUPP where it cannot. */
int abx_disk_os_punch(int fd, uint64_t offset, uint64_t length);
int abx_disk_os_zero(int fd, uint64_t offset, uint64_t length);

#endif
