/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_os.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <mach/vm_inherit.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* A shared memory object has a name for a moment. Its descriptor is close-on-exec from the start (POSIX, shm_open). */
static int create_file(void)
{
    for (;;) {
        char name[24]; /* the system takes 31 bytes */
        uint64_t number;
        arc4random_buf(&number, sizeof(number));
        snprintf(name, sizeof(name), "/abx-%" PRIx64, number);
        int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
        if (fd >= 0) {
            shm_unlink(name);
        }
        if (fd >= 0 || errno != EEXIST) {
            return fd;
        }
    }
}

int abx_memory_os_file(uint64_t length, abx_huge_pages huge_pages)
{
    if (abx_memory_os_map_flags(ABX_BACKING_MEMFD, huge_pages) < 0) {
        return -1;
    }
    int fd = create_file();
    if (fd < 0) {
        return -1;
    }
    /* The system sets the length of such an object once and never again. */
    if (ftruncate(fd, (off_t)length) < 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

int abx_memory_os_map_flags(abx_backing backing, abx_huge_pages huge_pages)
{
    if (huge_pages == ABX_HUGE_2M || huge_pages == ABX_HUGE_1G) {
        errno = EINVAL;
        return -1;
    }
    return (backing == ABX_BACKING_ANONYMOUS ? MAP_ANONYMOUS : 0) | MAP_NORESERVE;
}

int abx_memory_os_advise(void *address, size_t length, abx_huge_pages huge_pages)
{
    if (huge_pages == ABX_HUGE_TRANSPARENT) {
        errno = EINVAL;
        return -1;
    }
    /* A child of this process has no use for guest memory, and copy-on-write would cost both of them. */
    return minherit(address, length, VM_INHERIT_NONE);
}

/* No advice makes the system forget pages for certain: a backend has its own way for memory that it can map anew. */
int abx_memory_os_drop_private(void *address, size_t length)
{
    (void)address;
    (void)length;
    errno = EOPNOTSUPP;
    return -1;
}

/* Nor can a shared memory object have holes. */
int abx_memory_os_drop_file(int fd, uint64_t offset, uint64_t length)
{
    (void)fd;
    (void)offset;
    (void)length;
    errno = EOPNOTSUPP;
    return -1;
}
