/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A raw image, a regular file or a block device, by synchronous calls. */
#ifndef ABX_VMM_VIRTIO_DISK_H
#define ABX_VMM_VIRTIO_DISK_H

#include <arcbox/error.h>

#include <sys/uio.h>

enum {
    ABX_SECTOR = 512,
    ABX_DISK_BOUNCE = 64 * 1024, /* bytes that a transfer needs on the way where the guest's buffers are misaligned */
};

typedef struct abx_disk {
    int fd;
    bool read_only;
    bool direct;    /* past the host's page cache */
    uint32_t block; /* what offsets and lengths of transfers are multiples of: a power of two, at least ABX_SECTOR */
    uint64_t size;  /* in bytes, a multiple of `block` */
} abx_disk;

typedef enum abx_disk_operation {
    ABX_DISK_READ,
    ABX_DISK_WRITE,
    ABX_DISK_FLUSH,   /* all writes that were done before are on the medium */
    ABX_DISK_DISCARD, /* what is in a range does not matter any more */
    ABX_DISK_ZERO,    /* a range reads as zeros */
    ABX_DISK_OPERATIONS,
} abx_disk_operation;

/* "read" and the like. Static storage. */
const char *abx_disk_operation_name(abx_disk_operation operation);

/* Something to be done, all of it within the disk; but for DISCARD in whole blocks. */
typedef struct abx_disk_request {
    abx_disk_operation operation;
    uint64_t offset;      /* in bytes */
    uint64_t length;      /* in bytes; READ, WRITE: of all pieces */
    bool may_unmap;       /* ZERO: the range need not stay allocated */
    struct iovec *pieces; /* READ, WRITE: at most IOV_MAX; changed */
    uint32_t piece_count;
    int error;                     /* of disk_engine.h: when it is done, 0 or an errno */
    struct abx_disk_request *next; /* for whoever has it */
} abx_disk_request;

/*
 * Opens `path`, with `direct` past the host's page cache. Errors: those of open(2); ABX_ERR_INVALID (neither a regular
 * file nor a block device), ABX_ERR_FORMAT (empty, or no whole number of blocks), ABX_ERR_NOT_SUPPORTED (`direct`: not
 * by this file system).
 */
abx_status abx_disk_open(abx_disk *disk, const char *path, bool read_only, bool direct);
void abx_disk_close(abx_disk *disk);

/*
 * Does `request` and returns 0 or an errno: ENOSPC, EIO … A file that became shorter gives EIO. `bounce` is of
 * ABX_DISK_BOUNCE bytes, aligned to as many; NULL if the disk is not direct. Any thread.
 */
int abx_disk_do(const abx_disk *disk, abx_disk_request *request, void *bounce);

/* Of it what READ and WRITE are: disk_transfer.c. */
int abx_disk_transfer(const abx_disk *disk, abx_disk_request *request, void *bounce);

/* Whether the disk takes the pieces as they are: what is not direct takes all. */
bool abx_disk_is_aligned(const abx_disk *disk, const abx_disk_request *request);

/* Leaves out the first `done` bytes of what is to be read or written. */
void abx_disk_advance(abx_disk_request *request, size_t done);

/* Of the system: the size of an open block device; 0 or an errno. */
int abx_disk_os_size(int fd, uint64_t *size);

/*
 * Of the system: reads and writes go past the page cache from now on, in whole blocks of `*block` bytes; 0 or an errno,
 * EINVAL where the file system cannot.
 */
int abx_disk_os_make_direct(int fd, uint32_t *block);

/* Of the system: all that was written is on the medium; 0 or an errno. */
int abx_disk_os_flush(int fd);

/* Of the system: a range becomes a hole, or zeros that stay allocated; 0, or EOPNOTSUPP where it cannot. */
int abx_disk_os_punch(int fd, uint64_t offset, uint64_t length);
int abx_disk_os_zero(int fd, uint64_t offset, uint64_t length);

#endif
