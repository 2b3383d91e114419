/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

int abx_peer_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

int abx_peer_accept(int listener, uid_t *user)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return -1;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    *user = peer.uid;
    return fd;
}

ssize_t abx_peer_send(int fd, const void *bytes, size_t length)
{
    return send(fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int abx_peer_pipe(int ends[2])
{
    return pipe2(ends, O_CLOEXEC);
}
