/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "loop_internal.h"

#include <fcntl.h>
#include <stdlib.h>

_Static_assert((int)ABX_LOOP_READABLE == UV_READABLE && (int)ABX_LOOP_WRITABLE == UV_WRITABLE &&
                   (int)ABX_LOOP_PRIORITY == UV_PRIORITIZED,
               "as in uv.h");

struct abx_loop_watch {
    uv_poll_t poll;
    abx_loop *loop;
    void (*ready)(void *argument, unsigned events);
    void *argument;
};

static void happened(uv_poll_t *poll, int status, int events)
{
    abx_loop_watch *self = poll->data;
    self->ready(self->argument, status < 0 ? (unsigned)ABX_LOOP_FAULT : (unsigned)events);
}

/* libuv sets O_NONBLOCK, which would be seen by everybody who has the same open file. */
static int init(abx_loop_watch *self, int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0)
        return UV_EBADF;
    int error = uv_poll_init(&self->loop->uv, &self->poll, fd);
    if (!(flags & O_NONBLOCK))
        fcntl(fd, F_SETFL, flags);
    return error;
}

abx_status abx_loop_watch_new(abx_loop_watch **out, abx_loop *loop, int fd,
                              void (*ready)(void *argument, unsigned events), void *argument)
{
    abx_loop_watch *self = calloc(1, sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "watch a descriptor");
    self->loop = loop;
    self->ready = ready;
    self->argument = argument;
    int error = init(self, fd);
    self->poll.data = self;
    if (error) {
        free(self);
        if (error == UV_EPERM)
            return abx_fail(ABX_ERR_NOT_SUPPORTED, -error, "It is always ready.", "watch a descriptor");
        return abx_loop_fail(error, "watch a descriptor");
    }
    *out = self;
    return ABX_OK;
}

/* libuv cannot fail here: the descriptor could be watched before. */
void abx_loop_watch_set(abx_loop_watch *watch, unsigned events)
{
    if (events)
        uv_poll_start(&watch->poll, (int)events, happened);
    else
        uv_poll_stop(&watch->poll);
    abx_loop_changed(watch->loop);
}

static void closed(uv_handle_t *handle)
{
    free(handle->data);
}

void abx_loop_watch_free(abx_loop_watch *watch)
{
    if (!watch)
        return;
    abx_loop_changed(watch->loop);
    uv_close((uv_handle_t *)&watch->poll, closed);
}
