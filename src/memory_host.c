/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_host.h"
#include "memory_os.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "guest memory needs a 64-bit host");

/* What transparent huge pages and two-stage page tables use on every architecture with 4 KiB pages. */
static const uintptr_t BLOCK = UINT64_C(2) << 20;

static abx_status fail_file(const abx_memory_region *region, abx_status status, int error, const char *advice)
{
    return abx_fail(status, error, advice, "map a file as memory at 0x%" PRIx64, region->gpa);
}

static abx_status check_file(const abx_memory_region *region)
{
    struct stat file;
    if (fstat(region->fd, &file) < 0) {
        return fail_file(region, errno == EBADF ? ABX_ERR_INVALID : ABX_ERR_SYSTEM, errno, NULL);
    }
    if (!S_ISREG(file.st_mode)) {
        return fail_file(region, ABX_ERR_INVALID, 0, "Give the descriptor of a regular file.");
    }
    uint64_t end;
    if (__builtin_add_overflow(region->offset, region->length, &end) || end > (uint64_t)file.st_size) {
        return abx_fail(ABX_ERR_RANGE, 0, "Make the file longer or the region shorter.",
                        "map a file as memory at 0x%" PRIx64 ": %" PRIu64 " bytes from offset %" PRIu64
                        " of a file of %" PRIu64,
                        region->gpa, region->length, region->offset, (uint64_t)file.st_size);
    }
    return ABX_OK;
}

static abx_status fail_map(const abx_memory_region *region, int error)
{
    bool pool = region->huge_pages == ABX_HUGE_2M || region->huge_pages == ABX_HUGE_1G;
    abx_status status = abx_status_of_errno(error);
    const char *advice = NULL;
    if (pool && (error == ENOMEM || error == ENOSPC)) {
        status = ABX_ERR_NO_MEMORY;
        advice = "The host's pool of huge pages is too small: raise nr_hugepages in /sys/kernel/mm/hugepages.";
    } else if (pool && (error == EINVAL || error == ENODEV || error == ENOENT)) {
        status = ABX_ERR_NOT_SUPPORTED;
        advice = "The host has no huge pages of this size.";
    } else if (region->huge_pages == ABX_HUGE_TRANSPARENT && error == EINVAL) {
        status = ABX_ERR_NOT_SUPPORTED;
        advice = "The host has no transparent huge pages.";
    } else if (error == EACCES && region->backing == ABX_BACKING_FILE_SHARED) {
        advice = "Open the file for reading and writing.";
    } else if (error == ENODEV) {
        status = ABX_ERR_NOT_SUPPORTED;
        advice = "Files of this file system cannot be mapped.";
    }
    return abx_fail(status, error, advice, "map %" PRIu64 " bytes of memory at 0x%" PRIx64, region->length,
                    region->gpa);
}

static int flags_of(const abx_memory_region *region)
{
    bool shared = region->backing == ABX_BACKING_MEMFD || region->backing == ABX_BACKING_FILE_SHARED;
    int flags = abx_memory_os_map_flags(region->backing, region->huge_pages);
    return flags < 0 ? flags : flags | (shared ? MAP_SHARED : MAP_PRIVATE);
}

/* Anonymous memory is what a reservation already is: only made usable, which is less work than mapping over it. */
static bool fill_reservation(char *address, const abx_memory_region *region, int flags, int fd)
{
    if (region->backing == ABX_BACKING_ANONYMOUS) {
        return mprotect(address, region->length, PROT_READ | PROT_WRITE) == 0;
    }
    return mmap(address, region->length, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, (off_t)region->offset) !=
           MAP_FAILED;
}

/*
 * Maps in the midst of a reservation of 2 MiB more, at the place that agrees with the guest address. The rest of the
 * reservation cannot be touched: an access beyond either end of the region faults.
 */
static bool map_congruent(abx_host_memory *memory, const abx_memory_region *region, int flags, int fd)
{
    size_t reserved = region->length + BLOCK;
    char *base = mmap(NULL, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) {
        return false;
    }
    char *address = base + ((region->gpa - (uintptr_t)base) & (BLOCK - 1));
    if (!fill_reservation(address, region, flags, fd)) {
        int error = errno;
        munmap(base, reserved);
        errno = error;
        return false;
    }
    memory->address = address;
    memory->mapping = base;
    memory->mapped = reserved;
    return true;
}

static bool map(abx_host_memory *memory, const abx_memory_region *region, int fd)
{
    int flags = flags_of(region);
    if (flags < 0) {
        return false;
    }
    /* Pool pages come aligned by themselves, and base pages have nothing to align. */
    bool transparent = region->huge_pages == ABX_HUGE_NONE || region->huge_pages == ABX_HUGE_TRANSPARENT;
    if (region->length >= BLOCK && region->length <= SIZE_MAX - BLOCK && transparent) {
        return map_congruent(memory, region, flags, fd);
    }
    void *address = mmap(NULL, region->length, PROT_READ | PROT_WRITE, flags, fd, (off_t)region->offset);
    if (address == MAP_FAILED) {
        return false;
    }
    memory->address = address;
    memory->mapping = address;
    memory->mapped = region->length;
    return true;
}

static size_t page_size_of(abx_huge_pages huge_pages)
{
    switch (huge_pages) {
    case ABX_HUGE_2M:
        return (size_t)2 << 20;
    case ABX_HUGE_1G:
        return (size_t)1 << 30;
    case ABX_HUGE_NONE:
    case ABX_HUGE_TRANSPARENT:
    case ABX_HUGE_NEVER:
        break;
    }
    return (size_t)sysconf(_SC_PAGESIZE);
}

abx_status abx_host_memory_map(abx_host_memory *memory, const abx_memory_region *region)
{
    abx_host_memory made = {
        .address = region->host,
        .length = region->length,
        .backing = region->backing,
        .page_size = page_size_of(region->huge_pages),
        .fd = -1,
    };
    if (region->backing == ABX_BACKING_HOST) {
        *memory = made;
        return ABX_OK;
    }
    int fd = -1;
    if (region->backing == ABX_BACKING_FILE_SHARED || region->backing == ABX_BACKING_FILE_PRIVATE) {
        abx_status status = check_file(region);
        if (status != ABX_OK) {
            return status;
        }
        fd = region->fd;
    } else if (region->backing == ABX_BACKING_MEMFD) {
        fd = made.fd = abx_memory_os_file(region->length, region->huge_pages);
        if (fd < 0) {
            return fail_map(region, errno);
        }
    }
    abx_status status;
    if (!map(&made, region, fd)) {
        status = fail_map(region, errno);
        goto fail_file;
    }
    if (abx_memory_os_advise(made.address, made.length, region->huge_pages) < 0) {
        status = fail_map(region, errno);
        goto fail_map;
    }
    *memory = made;
    return ABX_OK;

fail_map:
    munmap(made.mapping, made.mapped);
fail_file:
    if (made.fd >= 0) {
        close(made.fd);
    }
    return status;
}

void abx_host_memory_unmap(abx_host_memory *memory)
{
    if (memory->backing == ABX_BACKING_HOST) {
        return;
    }
    /* Fails only at the host's limit of mappings, when the host had merged this one with its neighbours. Nothing more
     * can be done about it: the guest and all readers have left it. */
    munmap(memory->mapping, memory->mapped);
    if (memory->fd >= 0) {
        close(memory->fd);
    }
}

abx_status abx_host_memory_can_discard(const abx_host_memory *memory)
{
    switch (memory->backing) {
    case ABX_BACKING_ANONYMOUS:
    case ABX_BACKING_MEMFD:
    case ABX_BACKING_FILE_PRIVATE:
        return ABX_OK;
    case ABX_BACKING_FILE_SHARED:
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "Punch a hole into the file instead.",
                        "discard memory of a shared file");
    case ABX_BACKING_HOST:
        break;
    }
    return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "The memory is the caller's: so is discarding it.",
                    "discard memory of the caller's");
}

abx_status abx_host_memory_discard(const abx_host_memory *memory, uint64_t offset, uint64_t length, uint64_t *first,
                                   uint64_t *last)
{
    uint64_t mask = memory->page_size - 1;
    uint64_t begin = (offset + mask) & ~mask;
    uint64_t end = (offset + length) & ~mask;
    int result = 0;
    if (begin < end && memory->backing == ABX_BACKING_MEMFD) {
        result = abx_memory_os_drop_file(memory->fd, begin, end - begin);
    } else if (begin < end) {
        result = abx_memory_os_drop_private((char *)memory->address + begin, end - begin);
    }
    if (result < 0) {
        return abx_fail(errno == EINVAL || errno == EOPNOTSUPP ? ABX_ERR_NOT_SUPPORTED : ABX_ERR_SYSTEM, errno, NULL,
                        "discard memory");
    }
    *first = begin;
    *last = begin < end ? end : begin;
    return ABX_OK;
}
