/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What one console says, on its way from a pipe to the caller's descriptor. The pipe is always emptied, because a full
 * one stops the whole guest: what finds no room while the caller does not read is lost.
 */
#ifndef ABX_SRC_DARWIN_VZ_OUTLET_H
#define ABX_SRC_DARWIN_VZ_OUTLET_H

#include <arcbox/error.h>

enum { ABX_VZ_OUTLET_ROOM = 65536 };

typedef struct abx_vz_outlet {
    int source; /* end of a pipe of ours, not blocking; -1: it has come to its end */
    int sink;   /* the caller's; -1: nobody reads it any more */
    size_t start;
    size_t length;
    uint64_t lost; /* bytes */
    char bytes[ABX_VZ_OUTLET_ROOM];
} abx_vz_outlet;

/* `*guest_fd` gets the end that the guest writes to; it is the caller's. Errors: ABX_ERR_LIMIT, ABX_ERR_SYSTEM. */
abx_status abx_vz_outlet_open(abx_vz_outlet *outlet, int sink, int *guest_fd);
void abx_vz_outlet_close(abx_vz_outlet *outlet);

/* Takes all that the guest has said, then gives what can be given without waiting. In a thread that blocks SIGPIPE. */
void abx_vz_outlet_move(abx_vz_outlet *outlet);

#endif
