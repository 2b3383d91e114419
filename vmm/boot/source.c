/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "source.h"

#include "bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

abx_status abx_source_open(abx_source *out, const char *path)
{
    /* Not to wait for a writer when it is a pipe: that is refused below. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "open %s", path);
    }
    struct stat status;
    abx_status failure;
    if (fstat(fd, &status) != 0) {
        failure = abx_fail(abx_status_of_errno(errno), errno, NULL, "ask for the size of %s", path);
        goto close_file;
    }
    if (!S_ISREG(status.st_mode)) {
        failure = abx_fail(ABX_ERR_FORMAT, 0, "Name a regular file.", "open %s", path);
        goto close_file;
    }
    *out = (abx_source){ .fd = fd, .name = path, .size = (uint64_t)status.st_size };
    return ABX_OK;

close_file:
    close(fd);
    return failure;
}

void abx_source_close(abx_source *source)
{
    if (source->fd >= 0) {
        close(source->fd);
        source->fd = -1;
    }
}

/* 0, or an errno; *length becomes what could not be read. */
static int read_window(const abx_source *source, uint64_t offset, uint8_t *to, uint64_t *length)
{
    uint64_t at = source->base + offset;
    while (*length > 0) {
        ssize_t got = pread(source->fd, to, (size_t)*length, (off_t)at);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got < 0 ? errno : 0;
        }
        to += got;
        at += (uint64_t)got;
        *length -= (uint64_t)got;
    }
    return 0;
}

abx_status abx_source_read(const abx_source *source, uint64_t offset, void *buffer, uint64_t length)
{
    if (!abx_within(offset, length, source->size)) {
        return abx_fail(ABX_ERR_FORMAT, 0, "The file is truncated or damaged.",
                        "read %llu bytes at %llu of %s, which has %llu", (unsigned long long)length,
                        (unsigned long long)offset, source->name, (unsigned long long)source->size);
    }
    int error = read_window(source, offset, buffer, &length);
    if (error) {
        return abx_fail(abx_status_of_errno(error), error, NULL, "read %s", source->name);
    }
    if (length > 0) {
        return abx_fail(ABX_ERR_FORMAT, 0, "The file became shorter while it was read.", "read %s", source->name);
    }
    return ABX_OK;
}

bool abx_source_peek(const abx_source *source, uint64_t offset, void *buffer, uint64_t length)
{
    return abx_within(offset, length, source->size) && read_window(source, offset, buffer, &length) == 0 && length == 0;
}
