/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Local sockets and pipes, and who is at their other end: peer_<system>.c. */
#ifndef ABX_VMM_CONTROL_PEER_H
#define ABX_VMM_CONTROL_PEER_H

#include <sys/types.h>

/* A local stream socket that does not block, close-on-exec; or -1 with errno. */
int abx_peer_socket(void);

/* Takes a client that waits at `listener`, likewise, and says whose process it is; or -1 with errno. */
int abx_peer_accept(int listener, uid_t *user);

/* As send(2), without a signal when the other end is closed. */
ssize_t abx_peer_send(int fd, const void *bytes, size_t length);

/* As pipe(2), close-on-exec. */
int abx_peer_pipe(int ends[2]);

#endif
