/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "boot_os.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

bool abx_boot_os_random(void *bytes, size_t length)
{
    return getentropy(bytes, length) == 0;
}

/* Shared memory objects cannot be written to by write(2): a file in the user's own temporary folder. */
int abx_boot_os_scratch_file(void)
{
    const char *folder = getenv("TMPDIR");
    char path[PATH_MAX];
    int length = snprintf(path, sizeof(path), "%s/abx-kernel-XXXXXX", folder && folder[0] ? folder : "/tmp");
    int fd = length < (int)sizeof(path) ? mkostemp(path, O_CLOEXEC) : -1;
    if (fd >= 0)
        unlink(path);
    return fd;
}

struct timespec abx_boot_os_modified(const struct stat *status)
{
    return status->st_mtimespec;
}

struct timespec abx_boot_os_changed(const struct stat *status)
{
    return status->st_ctimespec;
}
