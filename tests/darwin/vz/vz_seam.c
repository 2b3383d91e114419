/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

void *vz_seam_calloc(size_t count, size_t size);
void *vz_seam_malloc(size_t size);
int vz_seam_fcntl(int fd, int command, int argument);

void *vz_seam_calloc(size_t count, size_t size)
{
    return model_fails("calloc") ? NULL : calloc(count, size);
}

void *vz_seam_malloc(size_t size)
{
    return model_fails("malloc") ? NULL : malloc(size);
}

int vz_seam_fcntl(int fd, int command, int argument)
{
    if (model_fails("fcntl")) {
        errno = EMFILE;
        return -1;
    }
    return fcntl(fd, command, argument);
}
