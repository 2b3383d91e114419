/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/stream_os.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

ssize_t abx_stream_os_read(int fd, const struct iovec *pieces, int count)
{
    return preadv2(fd, pieces, count, -1, RWF_NOWAIT);
}

ssize_t abx_stream_os_write(int fd, const struct iovec *pieces, int count)
{
    return pwritev2(fd, pieces, count, -1, RWF_NOWAIT);
}

/* Opening the master of a pseudoterminal makes another one. */
int abx_stream_os_reopen(int fd)
{
    int number;
    if (!isatty(fd) || ioctl(fd, TIOCGPTN, &number) == 0)
        return -1;
    char path[32];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return open(path, (fcntl(fd, F_GETFL) & O_ACCMODE) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}
