/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The vsock listeners of one VM. Behind <arcbox/vsock.h>. */
#ifndef ABX_SRC_VSOCK_LISTENERS_H
#define ABX_SRC_VSOCK_LISTENERS_H

#include <arcbox/vsock.h>

#include <pthread.h>

typedef struct abx_vsock_listeners {
    pthread_mutex_t lock;
    abx_vsock_listener *first;
} abx_vsock_listeners;

/* The VM has come to its end: wakes whoever waits for connections. Call it when the state is final already. */
void abx_vsock_listeners_end(abx_vsock_listeners *listeners);

#endif
