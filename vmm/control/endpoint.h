/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A socket in a folder of its owner's, where clients find it. */
#ifndef ABX_VMM_CONTROL_ENDPOINT_H
#define ABX_VMM_CONTROL_ENDPOINT_H

#include <arcbox/error.h>

#include <sys/types.h>

typedef struct abx_endpoint {
    int fd; /* listens; -1: not open */
    char *path;
    dev_t device; /* of the socket's file: another one may be in its place */
    ino_t inode;
} abx_endpoint;

/*
 * Listens at `path`, mode 0600, in a folder that is made if it is not there and must be the caller's alone. What a dead
 * process has left there is replaced. Errors: ABX_ERR_INVALID, ABX_ERR_LIMIT (the path is too long), ABX_ERR_NOT_FOUND,
 * ABX_ERR_PERMISSION (the folder is not the caller's alone), ABX_ERR_EXISTS (somebody listens there, or it is no
 * socket), ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM.
 */
abx_status abx_endpoint_open(abx_endpoint *endpoint, const char *path);

/* Listens no longer and takes the socket away. */
void abx_endpoint_close(abx_endpoint *endpoint);

#endif
