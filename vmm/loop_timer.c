/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "loop_internal.h"

#include <stdlib.h>

struct abx_loop_timer {
    uv_timer_t timer;
    abx_loop *loop;
    void (*expired)(void *argument);
    void *argument;
};

static void expired(uv_timer_t *timer)
{
    abx_loop_timer *self = timer->data;
    self->expired(self->argument);
}

abx_status abx_loop_timer_new(abx_loop_timer **out, abx_loop *loop, void (*call)(void *argument), void *argument)
{
    abx_loop_timer *self = calloc(1, sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a timer");
    self->loop = loop;
    self->expired = call;
    self->argument = argument;
    uv_timer_init(&loop->uv, &self->timer);
    self->timer.data = self;
    *out = self;
    return ABX_OK;
}

/* libuv counts from the beginning of its turn: that may have been a while ago. */
void abx_loop_timer_set(abx_loop_timer *timer, uint64_t delay_ms)
{
    uv_update_time(&timer->loop->uv);
    if (delay_ms)
        uv_timer_start(&timer->timer, expired, delay_ms, 0);
    else
        uv_timer_stop(&timer->timer);
    abx_loop_changed(timer->loop);
}

static void closed(uv_handle_t *handle)
{
    free(handle->data);
}

void abx_loop_timer_free(abx_loop_timer *timer)
{
    if (!timer)
        return;
    abx_loop_changed(timer->loop);
    uv_close((uv_handle_t *)&timer->timer, closed);
}
