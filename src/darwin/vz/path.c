/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "path.h"
#include "foundation.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static abx_status check(int fd, const char *path, const char *what, mode_t type, mode_t or_type)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "open %s %s", what, path);
    mode_t actual = status.st_mode & S_IFMT;
    if (actual != type && (!or_type || actual != or_type))
        return abx_fail(ABX_ERR_FORMAT, 0,
                        type == S_IFDIR ? "It must be a directory." : "It must be a regular file, or a disk a device.",
                        "open %s %s", what, path);
    return ABX_OK;
}

abx_status abx_vz_path_url(id *url, const char *path, const char *what, int flags, mode_t type, mode_t or_type, int *fd)
{
    int opened = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (opened < 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "open %s %s", what, path);
    abx_status status = check(opened, path, what, type, or_type);
    id fresh = status == ABX_OK ? abx_ns_file_url(path) : NULL;
    if (status == ABX_OK && !fresh)
        status = abx_fail(ABX_ERR_INVALID, 0, "Paths must be UTF-8.", "open %s", what);
    if (status != ABX_OK || !fd) {
        close(opened);
        opened = -1;
    }
    if (status != ABX_OK)
        return status;
    *url = fresh;
    if (fd)
        *fd = opened;
    return ABX_OK;
}
