/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Sockets between host and guest, inside the model. */
#ifndef MODEL_SOCKET_H
#define MODEL_SOCKET_H

#include "foundation.h"
#include "machine.h"

enum { VZ_PORTS = 16 };

typedef struct vz_socket_device {
    struct objc_object base;
    vz_machine *machine; /* NULL when it is gone */
    struct {
        uint32_t port;
        id listener;
    } hosts[VZ_PORTS];
    struct {
        uint32_t port;
        enum model_port answer;
    } guests[VZ_PORTS];
    void *unanswered[VZ_PORTS]; /* handlers that are never called */
    size_t unanswered_count;
} vz_socket_device;
typedef struct vz_listener {
    struct objc_object base;
    id delegate; /* weak */
} vz_listener;

/* Owns the descriptor. */
id vz_make_connection(int descriptor, uint32_t source, uint32_t destination);
/* Where the listener of this port is; NULL when there is none. */
id *vz_listener_at(vz_socket_device *device, uint32_t port);

#endif
