/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A VZVirtioSocketConnection as a descriptor. */
#ifndef ABX_SRC_DARWIN_VZ_CONNECTION_H
#define ABX_SRC_DARWIN_VZ_CONNECTION_H

#include "fault.h"

/*
 * `*fd` gets a duplicate of the connection's descriptor, close-on-exec; it outlives the connection object. Only in the
 * callback that brings the connection. False, with the fault, when that fails.
 */
bool abx_vz_connection_take(id connection, int *fd, abx_vz_fault *fault);

#endif
