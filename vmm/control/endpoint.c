/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control/endpoint.h"
#include "control/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 32 };

static abx_status fail(const char *what, const char *path)
{
    return abx_fail(abx_status_of_errno(errno), errno, NULL, "%s %s", what, path);
}

/* `path` without its last part, for free(). */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return strdup(".");
    return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* Whoever may write there could put a socket of his own in place of ours. */
static abx_status check_folder(int fd, const char *folder)
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        return fail("look at folder", folder);
    if (status.st_uid != geteuid() || status.st_mode & (S_IRWXG | S_IRWXO))
        return abx_fail(ABX_ERR_PERMISSION, 0, "It must belong to you, with mode 0700.",
                        "put a control socket into folder %s", folder);
    return ABX_OK;
}

/* Opens the folder of `path` and locks it: those who look for what is left behind do so one after the other. */
static abx_status lock_folder(int *out, const char *path)
{
    char *folder = folder_of(path);
    if (!folder)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "open a control socket");
    abx_status status = ABX_OK;
    int fd = -1;
    if (mkdir(folder, S_IRWXU) < 0 && errno != EEXIST)
        status = fail("make folder", folder);
    if (status == ABX_OK && (fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0)
        status = fail("open folder", folder);
    if (status == ABX_OK)
        status = check_folder(fd, folder);
    while (status == ABX_OK && flock(fd, LOCK_EX) < 0)
        if (errno != EINTR)
            status = fail("lock folder", folder);
    free(folder);
    if (status != ABX_OK && fd >= 0)
        close(fd);
    else if (status == ABX_OK)
        *out = fd;
    return status;
}

static abx_status address_of(struct sockaddr_un *address, const char *path)
{
    *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if (!*path)
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "open a control socket without a path");
    if (strlen(path) >= sizeof(address->sun_path))
        return abx_fail(ABX_ERR_LIMIT, 0, "The path of a local socket has about a hundred bytes at most.",
                        "open control socket %s", path);
    memcpy(address->sun_path, path, strlen(path));
    return ABX_OK;
}

/* A socket at which nobody listens refuses. */
static bool is_dead(const struct sockaddr_un *address)
{
    int fd = abx_peer_socket();
    if (fd < 0)
        return false;
    bool dead = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 && errno == ECONNREFUSED;
    close(fd);
    return dead;
}

/* Under the lock: makes room for a new socket. */
static abx_status clear(const struct sockaddr_un *address)
{
    struct stat status;
    const char *path = address->sun_path;
    if (lstat(path, &status) < 0)
        return errno == ENOENT ? ABX_OK : fail("look at", path);
    if (!S_ISSOCK(status.st_mode))
        return abx_fail(ABX_ERR_EXISTS, 0, "What is there is no socket.", "open control socket %s", path);
    if (!is_dead(address))
        return abx_fail(ABX_ERR_EXISTS, 0, "A machine of this name runs already.", "open control socket %s", path);
    return unlink(path) == 0 || errno == ENOENT ? ABX_OK : fail("remove", path);
}

/* Under the lock. Nobody can connect before it listens, and by then the mode is right. */
static abx_status make_socket(abx_endpoint *self, const struct sockaddr_un *address)
{
    struct stat status;
    const char *path = address->sun_path;
    int fd = abx_peer_socket();
    if (fd < 0)
        return fail("make control socket", path);
    if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0) {
        abx_status failed = fail("make control socket", path);
        close(fd);
        return failed;
    }
    if (chmod(path, S_IRUSR | S_IWUSR) == 0 && lstat(path, &status) == 0 && listen(fd, BACKLOG) == 0) {
        self->fd = fd;
        self->device = status.st_dev;
        self->inode = status.st_ino;
        return ABX_OK;
    }
    abx_status failed = fail("make control socket", path);
    unlink(path);
    close(fd);
    return failed;
}

abx_status abx_endpoint_open(abx_endpoint *endpoint, const char *path)
{
    struct sockaddr_un address;
    int folder = -1;
    *endpoint = (abx_endpoint){ .fd = -1 };
    abx_status status = address_of(&address, path);
    if (status != ABX_OK)
        return status;
    endpoint->path = strdup(path);
    status =
        endpoint->path ? lock_folder(&folder, path) : abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "open a control socket");
    if (status == ABX_OK)
        status = clear(&address);
    if (status == ABX_OK)
        status = make_socket(endpoint, &address);
    if (folder >= 0)
        close(folder);
    if (status != ABX_OK) {
        free(endpoint->path);
        endpoint->path = NULL;
    }
    return status;
}

static bool is_ours(const abx_endpoint *self)
{
    struct stat status;
    return lstat(self->path, &status) == 0 && status.st_dev == self->device && status.st_ino == self->inode;
}

void abx_endpoint_close(abx_endpoint *endpoint)
{
    int folder = -1;
    if (endpoint->fd < 0)
        return;
    /* Under the lock: while it is ours, nobody who finds it dead is about to replace it. */
    if (is_ours(endpoint) && lock_folder(&folder, endpoint->path) == ABX_OK) {
        if (is_ours(endpoint))
            unlink(endpoint->path);
        close(folder);
    }
    close(endpoint->fd);
    free(endpoint->path);
    *endpoint = (abx_endpoint){ .fd = -1 };
}
