/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Sockets between host and guest. */
#ifndef ABX_SRC_DARWIN_VZ_VSOCK_H
#define ABX_SRC_DARWIN_VZ_VSOCK_H

#include "vm_object.h"

abx_status abx_vz_vsock_connect(void *vm, uint32_t port, int timeout_ms, int *fd);
abx_status abx_vz_vsock_listen(void **out, void *vm, uint32_t port, abx_vsock_listener *listener);
void abx_vz_vsock_unlisten(void *listening);

/* The guest runs no more: whoever waits for it to take a connection is told so. On the queue. */
void abx_vz_vsock_end(abx_vz_vm *vm);

/* The machine's socket device; NULL, with the fault, when there is none. On the queue. */
id abx_vz_vsock_device(const abx_vz_vm *vm, abx_vz_fault *fault);

#endif
