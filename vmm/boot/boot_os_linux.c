/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "boot_os.h"

#include <sys/mman.h>
#include <sys/random.h>

bool abx_boot_os_random(void *bytes, size_t length)
{
    return getrandom(bytes, length, GRND_NONBLOCK) == (ssize_t)length;
}

int abx_boot_os_scratch_file(void)
{
    return memfd_create("abx-kernel", MFD_CLOEXEC);
}

struct timespec abx_boot_os_modified(const struct stat *status)
{
    return status->st_mtim;
}

struct timespec abx_boot_os_changed(const struct stat *status)
{
    return status->st_ctim;
}
