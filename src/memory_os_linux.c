/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_os.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/memfd.h>
#include <linux/mman.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* since Linux 6.3 */
#endif

static int create_file(unsigned int flags)
{
    /* Some hosts refuse files that could be made executable; older kernels do not know the flag. */
    int fd = memfd_create("guest-memory", flags | MFD_NOEXEC_SEAL);
    return fd < 0 && errno == EINVAL ? memfd_create("guest-memory", flags) : fd;
}

int abx_memory_os_file(uint64_t length, abx_huge_pages huge_pages)
{
    unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    if (huge_pages == ABX_HUGE_2M) {
        flags |= MFD_HUGETLB | MFD_HUGE_2MB;
    } else if (huge_pages == ABX_HUGE_1G) {
        flags |= MFD_HUGETLB | MFD_HUGE_1GB;
    }
    int fd = create_file(flags);
    if (fd < 0) {
        return -1;
    }
    /* Whoever gets the descriptor must not be able to take pages away under a running guest. */
    if (ftruncate(fd, (off_t)length) < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

int abx_memory_os_map_flags(abx_backing backing, abx_huge_pages huge_pages)
{
    int flags = backing == ABX_BACKING_ANONYMOUS ? MAP_ANONYMOUS : 0;
    switch (huge_pages) {
    case ABX_HUGE_NONE:
    case ABX_HUGE_TRANSPARENT:
    case ABX_HUGE_NEVER:
        return flags | MAP_NORESERVE;
    /* Pool pages are reserved now (not touched), so that a short pool is an error here and no SIGBUS in the guest. */
    case ABX_HUGE_2M:
        return flags | MAP_HUGETLB | (int)MAP_HUGE_2MB;
    case ABX_HUGE_1G:
        return flags | MAP_HUGETLB | (int)MAP_HUGE_1GB;
    }
    errno = EINVAL;
    return -1;
}

int abx_memory_os_advise(void *address, size_t length, abx_huge_pages huge_pages)
{
    /* A child of this process has no use for guest memory, and copy-on-write would cost both of them. */
    if (madvise(address, length, MADV_DONTFORK) < 0) {
        return -1;
    }
    if (huge_pages == ABX_HUGE_TRANSPARENT) {
        return madvise(address, length, MADV_HUGEPAGE);
    }
    /* A kernel without transparent huge pages does not know the advice, and needs none. */
    if (huge_pages == ABX_HUGE_NEVER && madvise(address, length, MADV_NOHUGEPAGE) < 0 && errno != EINVAL) {
        return -1;
    }
    return 0;
}

int abx_memory_os_drop_private(void *address, size_t length)
{
    return madvise(address, length, MADV_DONTNEED);
}

int abx_memory_os_drop_file(int fd, uint64_t offset, uint64_t length)
{
    return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)length);
}
