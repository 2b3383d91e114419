/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR 512

/* By its end, which block devices have as well. */
static abx_status check(int fd, const char *path)
{
    struct stat file = { 0 };
    off_t size = 0;
    bool failed = fstat(fd, &file) != 0;
    if (!failed && !S_ISREG(file.st_mode) && !S_ISBLK(file.st_mode))
        return abx_fail(ABX_ERR_FORMAT, 0, "Give a regular file or a block device.", "open disk image %s", path);
    if (!failed)
        size = lseek(fd, 0, SEEK_END);
    if (failed || size < 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "measure disk image %s", path);
    if (size == 0 || size % SECTOR)
        return abx_fail(ABX_ERR_FORMAT, 0, "A raw image is a whole number of sectors of 512 bytes, at least one.",
                        "open disk image %s", path);
    return ABX_OK;
}

/* From version 9.1 on QEMU wants a descriptor that is direct already where its transfers are to be. It is so from its
 * opening: set later, the flag may be taken by a file system that has none of it (overlayfs on tmpfs). */
static abx_status open_by(int *fd, const abx_block_config *config)
{
    bool direct = config->cache == ABX_CACHE_UNCACHED;
    /* Without waiting for whoever opens the other end of a pipe: it is refused below. */
    int mode = (config->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    *fd = open(config->path, mode | (direct ? O_DIRECT : 0));
    if (*fd >= 0)
        return ABX_OK;
    bool refused = direct && (errno == EINVAL || errno == EOPNOTSUPP);
    return abx_fail(refused ? ABX_ERR_NOT_SUPPORTED : abx_status_of_errno(errno), errno,
                    refused ? "Its file system always goes through the page cache: leave out cache=uncached." : NULL,
                    "open disk image %s", config->path);
}

abx_status abx_image_open(int *fd, const abx_block_config *config)
{
    int opened;
    abx_status status = open_by(&opened, config);
    if (status != ABX_OK)
        return status;
    status = check(opened, config->path);
    /* Numbers that keep clear of the standard descriptors, which QEMU gets others for. */
    int lifted = status == ABX_OK ? fcntl(opened, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : -1;
    if (status == ABX_OK && lifted < 0)
        status = abx_fail(abx_status_of_errno(errno), errno, NULL, "open disk image %s", config->path);
    close(opened);
    if (status == ABX_OK)
        *fd = lifted;
    return status;
}

/* What QEMU says of an image that is locked is the same since version 4. */
abx_status abx_image_judge(abx_status status, const char *last_words, const abx_parts *parts)
{
    static const char locked[] = "Is another process using the image [/dev/fdset/";
    const char *found = strstr(last_words, locked);
    char *end = NULL;
    unsigned long index = found ? strtoul(found + strlen(locked), &end, 10) : 0;
    if (!found || *end != ']' || index >= parts->count || parts->list[index].device->kind != ABX_DEVICE_BLOCK)
        return status;
    return abx_fail(ABX_ERR_BUSY, 0, "Another program uses it: end that one, or let all of them only read it.",
                    "use disk image %s", parts->list[index].device->block.path);
}
