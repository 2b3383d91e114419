/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/* What other systems say when they make or take a socket. */
static int prepare(int fd)
{
    const int on = 1;
    if (fd < 0)
        return -1;
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on)) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int abx_peer_socket(void)
{
    return prepare(socket(AF_UNIX, SOCK_STREAM, 0));
}

int abx_peer_accept(int listener, uid_t *user)
{
    gid_t group;
    int fd = prepare(accept(listener, NULL, NULL));
    if (fd < 0 || getpeereid(fd, user, &group) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

ssize_t abx_peer_send(int fd, const void *bytes, size_t length)
{
    return send(fd, bytes, length, MSG_DONTWAIT);
}

int abx_peer_pipe(int ends[2])
{
    int made[2];
    if (pipe(made) < 0)
        return -1;
    if (fcntl(made[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(made[1], F_SETFD, FD_CLOEXEC) == 0) {
        ends[0] = made[0];
        ends[1] = made[1];
        return 0;
    }
    int error = errno;
    close(made[0]);
    close(made[1]);
    errno = error;
    return -1;
}
