/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Stream sockets between the host and the guest of a managed VM, as descriptors. */
#ifndef ARCBOX_VSOCK_H
#define ARCBOX_VSOCK_H

#include <arcbox/vm.h>

ABX_BEGIN_DECLS

/* Connections that may wait for abx_vsock_accept(); more are refused to the guest. */
#define ABX_VSOCK_BACKLOG 64

typedef struct abx_vsock_listener abx_vsock_listener;

/*
 * Connects to `port` (not 0xffffffff) in the guest. `*fd` is the caller's, a blocking stream socket, close-on-exec. The
 * VM needs an ABX_DEVICE_VSOCK and must be RUNNING. Waits at most `timeout_ms` milliseconds (-1: for ever). Any thread.
 * Errors: ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED, ABX_ERR_STATE (of the VM, or it has no such device, or it ended
 * meanwhile), ABX_ERR_NOT_FOUND (nobody listens there), ABX_ERR_TIMEOUT, ABX_ERR_LIMIT (descriptors), ABX_ERR_LOST,
 * ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_vsock_connect(abx_vm *vm, uint32_t port, int timeout_ms, int *fd) ABX_MUST_CHECK;

/*
 * Lets the guest connect to `port` (not 0xffffffff) of the host, which has the context identifier 2. From now on
 * connections wait for abx_vsock_accept(). From CREATED, RUNNING or PAUSED. On success `*out` is the caller's:
 * abx_vsock_listener_close(). It keeps what it needs of the VM, whose handle need not outlive it. Any thread. Errors:
 * ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED, ABX_ERR_STATE, ABX_ERR_EXISTS (there is a listener on that port),
 * ABX_ERR_NO_MEMORY, ABX_ERR_LIMIT, ABX_ERR_LOST, ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_vsock_listen(abx_vsock_listener **out, abx_vm *vm, uint32_t port) ABX_MUST_CHECK;

/*
 * A descriptor that is readable while connections wait and, for good, once the VM has ended: for poll, epoll, kqueue.
 * It is the listener's: do not read or close it. -1 for NULL. Any thread.
 */
ABX_API int abx_vsock_listener_fd(const abx_vsock_listener *listener);

/*
 * Takes the oldest connection that waits. `*fd` as with abx_vsock_connect(); `*peer_port` (may be NULL) is the guest's
 * own port. Waits at most `timeout_ms` milliseconds (-1: for ever, 0: only looks). Several threads may wait. Errors:
 * ABX_ERR_INVALID, ABX_ERR_TIMEOUT (no error record is made), ABX_ERR_STATE (the VM has ended and nothing waits any
 * more), ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_vsock_accept(abx_vsock_listener *listener, int timeout_ms, int *fd,
                                    uint32_t *peer_port) ABX_MUST_CHECK;

/* Ends it; connections that wait are closed, those that were taken stay. Nobody may be inside abx_vsock_accept(). NULL
 * is allowed. Any thread. */
ABX_API void abx_vsock_listener_close(abx_vsock_listener *listener);

ABX_END_DECLS

#endif
