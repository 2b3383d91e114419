/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "host_pressure.h"

#include <dispatch/dispatch.h>
#include <stdlib.h>

/* The system tells a queue of its own, whose thread hands it on to the loop. */
struct abx_host_pressure {
    dispatch_source_t source;
    dispatch_semaphore_t cancelled;
    abx_loop *loop;
    abx_loop_task task;
};

static void told(void *argument)
{
    abx_host_pressure *self = argument;
    abx_loop_post(self->loop, &self->task);
}

static void cancelled(void *argument)
{
    dispatch_semaphore_signal(((abx_host_pressure *)argument)->cancelled);
}

static abx_status fail(void)
{
    return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "watch the host's memory pressure");
}

abx_status abx_host_pressure_new(abx_host_pressure **out, abx_loop *loop, void (*pressed)(void *argument),
                                 void *argument)
{
    abx_host_pressure *self = calloc(1, sizeof(*self));
    if (!self)
        return fail();
    self->loop = loop;
    self->task = (abx_loop_task){ .run = pressed, .argument = argument };
    self->cancelled = dispatch_semaphore_create(0);
    if (self->cancelled)
        self->source = dispatch_source_create(DISPATCH_SOURCE_TYPE_MEMORYPRESSURE, 0,
                                              DISPATCH_MEMORYPRESSURE_WARN | DISPATCH_MEMORYPRESSURE_CRITICAL,
                                              dispatch_get_global_queue(DISPATCH_QUEUE_PRIORITY_DEFAULT, 0));
    if (!self->source) {
        if (self->cancelled)
            dispatch_release(self->cancelled);
        free(self);
        return fail();
    }
    dispatch_set_context(self->source, self);
    dispatch_source_set_event_handler_f(self->source, told);
    dispatch_source_set_cancel_handler_f(self->source, cancelled);
    dispatch_resume(self->source);
    *out = self;
    return ABX_OK;
}

/* Once the source is cancelled it tells nothing more; that is at once, or when the handler in hand has posted. */
void abx_host_pressure_free(abx_host_pressure *pressure)
{
    if (!pressure)
        return;
    dispatch_source_cancel(pressure->source);
    dispatch_semaphore_wait(pressure->cancelled, DISPATCH_TIME_FOREVER);
    abx_loop_cancel(pressure->loop, &pressure->task);
    dispatch_release(pressure->source);
    dispatch_release(pressure->cancelled);
    free(pressure);
}
