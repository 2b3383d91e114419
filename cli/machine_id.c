/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_id.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool complain(const cli_machine_id *id)
{
    cli_complain("%s: %s", id->path, strerror(errno));
    return false;
}

bool cli_machine_id_read(cli_machine_id *id)
{
    if (!id->path)
        return true;
    int fd = open(id->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || complain(id);
    ssize_t length = read(fd, id->bytes, sizeof(id->bytes));
    if (length < 0)
        complain(id);
    close(fd);
    if (length == 0 || length == sizeof(id->bytes))
        cli_complain("%s: this is no machine's identifier", id->path);
    if (length <= 0 || length == sizeof(id->bytes))
        return false;
    id->size = (size_t)length;
    return true;
}

/* A file that is cut short would be taken for another machine's. */
static bool write_all(const cli_machine_id *id, int fd)
{
    ssize_t length = write(fd, id->bytes, id->size);
    if (length >= 0 && (size_t)length < id->size)
        errno = ENOSPC;
    bool written = length == (ssize_t)id->size && fsync(fd) == 0;
    int error = errno;
    if (close(fd) == 0 && written)
        return true;
    errno = written ? errno : error;
    complain(id);
    unlink(id->path);
    return false;
}

bool cli_machine_id_keep(cli_machine_id *id, const abx_vm *vm)
{
    if (!id->path || id->size)
        return true;
    if (abx_vm_get_machine_id(vm, id->bytes, sizeof(id->bytes), &id->size) != ABX_OK) {
        cli_complain_of_error();
        return false;
    }
    int fd = open(id->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd < 0 ? complain(id) : write_all(id, fd);
}
