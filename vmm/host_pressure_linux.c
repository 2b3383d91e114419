/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "host_pressure.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct abx_host_pressure {
    int fd;
    abx_loop_watch *watch;
    void (*pressed)(void *argument);
    void *argument;
};

/* Some task waited for memory for 100 ms of two seconds: the shortest window that needs no privilege. */
static const char trigger[] = "some 100000 2000000";

/* The process's own control group (cgroups(7), version 2): where kernels before 6.5 let its owner watch. */
static bool group_path(char *path, size_t size)
{
    FILE *file = fopen("/proc/self/cgroup", "re");
    if (!file)
        return false;
    char line[PATH_MAX + 8];
    bool found = false;
    while (!found && fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "0::/", 4) != 0 || !line[4])
            continue;
        int length = snprintf(path, size, "/sys/fs/cgroup%s/memory.pressure", line + 3);
        found = length > 0 && (size_t)length < size;
    }
    fclose(file);
    return found;
}

/* A descriptor with the trigger set, or -1. */
static int open_trigger(const char *path)
{
    int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (write(fd, trigger, sizeof(trigger)) >= 0) /* with its zero */
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static int open_any(void)
{
    char path[PATH_MAX + 64];
    int fd = open_trigger("/proc/pressure/memory");
    int error = errno;
    if (fd < 0 && group_path(path, sizeof(path)))
        fd = open_trigger(path);
    errno = error;
    return fd;
}

static abx_status fail(int error)
{
    bool refused = error == EACCES || error == EPERM || error == EROFS || error == EINVAL;
    bool absent = error == ENOENT || error == EOPNOTSUPP;
    return abx_fail(refused  ? ABX_ERR_PERMISSION
                    : absent ? ABX_ERR_NOT_SUPPORTED
                             : abx_status_of_errno(error),
                    error,
                    refused ? "Kernels before 6.5 let only root, or the owner of its control group, watch."
                            : "The kernel needs CONFIG_PSI, and psi=1 on its command line if that is off by default.",
                    "watch the host's memory pressure");
}

static void ready(void *argument, unsigned events)
{
    abx_host_pressure *self = argument;
    if (events & ABX_LOOP_FAULT)
        abx_loop_watch_set(self->watch, 0); /* the control group is gone */
    else
        self->pressed(self->argument);
}

abx_status abx_host_pressure_new(abx_host_pressure **out, abx_loop *loop, void (*pressed)(void *argument),
                                 void *argument)
{
    abx_host_pressure *self = calloc(1, sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "watch the host's memory pressure");
    *self = (abx_host_pressure){ .fd = open_any(), .pressed = pressed, .argument = argument };
    abx_status status = self->fd < 0 ? fail(errno) : abx_loop_watch_new(&self->watch, loop, self->fd, ready, self);
    if (status != ABX_OK) {
        if (self->fd >= 0)
            close(self->fd);
        free(self);
        return status;
    }
    abx_loop_watch_set(self->watch, ABX_LOOP_PRIORITY);
    *out = self;
    return ABX_OK;
}

void abx_host_pressure_free(abx_host_pressure *pressure)
{
    if (!pressure)
        return;
    abx_loop_watch_free(pressure->watch);
    close(pressure->fd);
    free(pressure);
}
