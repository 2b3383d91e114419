/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/stream.h"

#include "virtio/stream_os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static abx_stream_kind kind_of(const struct stat *status)
{
    if (S_ISREG(status->st_mode) || S_ISBLK(status->st_mode))
        return ABX_STREAM_FILE;
    return S_ISSOCK(status->st_mode) ? ABX_STREAM_SOCKET : ABX_STREAM_NOWAIT;
}

abx_status abx_stream_open(abx_stream *stream, int fd)
{
    abx_stream fresh = { .fd = -1 };
    if (fd >= 0) {
        struct stat status;
        fresh.fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        if (fresh.fd < 0)
            return abx_fail(abx_status_of_errno(errno), errno, NULL, "duplicate descriptor %d", fd);
        if (fstat(fresh.fd, &status) < 0) {
            int error = errno;
            close(fresh.fd);
            return abx_fail(abx_status_of_errno(error), error, NULL, "look at descriptor %d", fd);
        }
        fresh.kind = kind_of(&status);
        fresh.chunk = S_ISFIFO(status.st_mode) ? PIPE_BUF : 1;
        int own = abx_stream_os_reopen(fresh.fd);
        if (own >= 0) {
            close(fresh.fd);
            fresh.fd = own;
            fresh.kind = ABX_STREAM_NONBLOCKING;
        }
    }
    *stream = fresh;
    return ABX_OK;
}

void abx_stream_close(abx_stream *stream)
{
    if (stream->fd >= 0)
        close(stream->fd);
    *stream = (abx_stream){ .fd = -1 };
}

static bool is_ready(const abx_stream *stream, short events)
{
    struct pollfd polled = { .fd = stream->fd, .events = events };
    return poll(&polled, 1, 0) > 0;
}

static ssize_t blocked(void)
{
    errno = EAGAIN;
    return -1;
}

/* A kind of file that cannot be asked not to wait is found out by trying. */
static bool is_refused(abx_stream *stream, ssize_t result)
{
    if (result >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL))
        return false;
    stream->kind = ABX_STREAM_POLLED;
    return true;
}

static ssize_t read_once(abx_stream *stream, const struct iovec *pieces, int count)
{
    struct msghdr message = { .msg_iov = (struct iovec *)pieces, .msg_iovlen = (typeof(message.msg_iovlen))count };
    ssize_t result;
    switch (stream->kind) {
    case ABX_STREAM_NONE:
        return 0;
    case ABX_STREAM_SOCKET:
        return recvmsg(stream->fd, &message, MSG_DONTWAIT);
    case ABX_STREAM_NOWAIT:
        result = abx_stream_os_read(stream->fd, pieces, count);
        if (!is_refused(stream, result))
            return result;
        break;
    default:
        break;
    }
    if (stream->kind == ABX_STREAM_POLLED && !is_ready(stream, POLLIN))
        return blocked();
    return readv(stream->fd, pieces, count);
}

static ssize_t total(const struct iovec *pieces, int count)
{
    size_t sum = 0;
    for (int i = 0; i < count; i++)
        sum += pieces[i].iov_len;
    return (ssize_t)sum;
}

/* No more than the first chunk of the first piece that is not empty. */
static ssize_t write_polled(const abx_stream *stream, const struct iovec *pieces)
{
    if (!is_ready(stream, POLLOUT))
        return blocked();
    while (pieces->iov_len == 0)
        pieces++;
    size_t length = pieces->iov_len < stream->chunk ? pieces->iov_len : stream->chunk;
    return write(stream->fd, pieces->iov_base, length);
}

static ssize_t write_once(abx_stream *stream, const struct iovec *pieces, int count)
{
    struct msghdr message = { .msg_iov = (struct iovec *)pieces, .msg_iovlen = (typeof(message.msg_iovlen))count };
    ssize_t result;
    switch (stream->kind) {
    case ABX_STREAM_NONE:
        return total(pieces, count);
    case ABX_STREAM_SOCKET:
        return sendmsg(stream->fd, &message, MSG_DONTWAIT);
    case ABX_STREAM_NOWAIT:
        result = abx_stream_os_write(stream->fd, pieces, count);
        if (!is_refused(stream, result))
            return result;
        break;
    default:
        break;
    }
    return stream->kind == ABX_STREAM_POLLED ? write_polled(stream, pieces) : writev(stream->fd, pieces, count);
}

typedef ssize_t transfer(abx_stream *stream, const struct iovec *pieces, int count);

static ssize_t carry_out(transfer *once, abx_stream *stream, const struct iovec *pieces, uint32_t count)
{
    ssize_t result;
    do
        result = once(stream, pieces, (int)count);
    while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : result;
}

ssize_t abx_stream_read(abx_stream *stream, const struct iovec *pieces, uint32_t count)
{
    return carry_out(read_once, stream, pieces, count);
}

static bool has_pending(int signal)
{
    sigset_t pending;
    return sigpending(&pending) == 0 && sigismember(&pending, signal) == 1;
}

/*
 * SIGPIPE goes to the thread that writes, which may be the program's: it is blocked meanwhile, and taken back when it
 * came. Where it is blocked anyway it stays pending, and nobody hears of it.
 */
ssize_t abx_stream_write(abx_stream *stream, const struct iovec *pieces, uint32_t count)
{
    sigset_t pipe_signal, before;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    bool open = sigismember(&before, SIGPIPE) == 0;
    bool was_pending = open && has_pending(SIGPIPE);
    ssize_t result = carry_out(write_once, stream, pieces, count);
    if (result == -EPIPE && open && !was_pending && has_pending(SIGPIPE)) {
        int signal;
        sigwait(&pipe_signal, &signal);
    }
    if (open)
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}

bool abx_stream_is_hung_up(const abx_stream *stream)
{
    struct pollfd polled = { .fd = stream->fd };
    return stream->fd < 0 || (poll(&polled, 1, 0) > 0 && (polled.revents & (POLLHUP | POLLERR)));
}
