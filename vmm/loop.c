/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "loop_internal.h"

#include "thread.h"

#include <stdlib.h>

abx_status abx_loop_fail(int error, const char *operation)
{
    return abx_fail(abx_status_of_errno(-error), -error, NULL, "%s", operation);
}

static abx_loop_task *take_task(abx_loop *self)
{
    pthread_mutex_lock(&self->lock);
    abx_loop_task *task = self->first;
    if (task) {
        self->first = task->next;
        if (!self->first)
            self->last = &self->first;
        task->waits = false;
    }
    pthread_mutex_unlock(&self->lock);
    return task;
}

static unsigned count_tasks(abx_loop *self)
{
    unsigned count = 0;
    pthread_mutex_lock(&self->lock);
    for (const abx_loop_task *task = self->first; task; task = task->next)
        count++;
    pthread_mutex_unlock(&self->lock);
    return count;
}

/* Those that are there now: a task that comes again and again does not keep the loop from anything else. */
static void run_tasks(abx_loop *self)
{
    for (unsigned count = count_tasks(self); count > 0; count--) {
        abx_loop_task *task = take_task(self);
        if (task)
            task->run(task->argument);
    }
}

static void woken(uv_async_t *wakeup)
{
    abx_loop *self = wakeup->data;
    if (atomic_load(&self->ends))
        uv_stop(&self->uv);
    else
        run_tasks(self);
}

static void *body(void *argument)
{
    abx_loop *self = argument;
    abx_thread_set_name("loop");
    uv_run(&self->uv, UV_RUN_DEFAULT);
    return NULL;
}

abx_status abx_loop_new(abx_loop **out)
{
    abx_loop *self = calloc(1, sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make an event loop");
    int error = uv_loop_init(&self->uv);
    if (error) {
        free(self);
        return abx_loop_fail(error, "make an event loop");
    }
    error = uv_async_init(&self->uv, &self->wakeup, woken);
    if (error) {
        uv_loop_close(&self->uv);
        free(self);
        return abx_loop_fail(error, "make an event loop");
    }
    self->wakeup.data = self;
    self->changed = true;
    self->last = &self->first;
    pthread_mutex_init(&self->lock, NULL);
    atomic_init(&self->ends, false);
    *out = self;
    return ABX_OK;
}

abx_status abx_loop_start(abx_loop *loop)
{
    abx_status status = abx_thread_start(&loop->thread, body, loop, "loop");
    loop->has_thread = status == ABX_OK;
    return status;
}

void abx_loop_stop(abx_loop *loop)
{
    if (loop->has_thread) {
        atomic_store(&loop->ends, true);
        uv_async_send(&loop->wakeup);
        pthread_join(loop->thread, NULL);
    }
    loop->has_thread = false;
    while (take_task(loop))
        ;
}

void abx_loop_free(abx_loop *loop)
{
    if (!loop)
        return;
    uv_close((uv_handle_t *)&loop->wakeup, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT); /* what is being closed comes to its end */
    uv_loop_close(&loop->uv);
    pthread_mutex_destroy(&loop->lock);
    free(loop);
}

struct uv_loop_s *abx_loop_uv(abx_loop *loop)
{
    return &loop->uv;
}

void abx_loop_changed(abx_loop *loop)
{
    loop->changed = true;
}

/* libuv tells the kernel of changes before it looks for events, so that those of the last turn take another one. */
void abx_loop_dispatch(abx_loop *loop)
{
    do {
        loop->changed = false;
        uv_run(&loop->uv, UV_RUN_NOWAIT);
    } while (loop->changed);
}

int abx_loop_fd(abx_loop *loop)
{
    return uv_backend_fd(&loop->uv);
}

int abx_loop_timeout(abx_loop *loop)
{
    uv_update_time(&loop->uv);
    return loop->changed ? 0 : uv_backend_timeout(&loop->uv);
}

void abx_loop_post(abx_loop *loop, abx_loop_task *task)
{
    pthread_mutex_lock(&loop->lock);
    bool is_new = !task->waits;
    if (is_new) {
        task->waits = true;
        task->next = NULL;
        *loop->last = task;
        loop->last = &task->next;
    }
    pthread_mutex_unlock(&loop->lock);
    if (is_new)
        uv_async_send(&loop->wakeup);
}

void abx_loop_cancel(abx_loop *loop, abx_loop_task *task)
{
    pthread_mutex_lock(&loop->lock);
    for (abx_loop_task **link = &loop->first; *link; link = &(*link)->next) {
        if (*link != task)
            continue;
        *link = task->next;
        if (!*link)
            loop->last = link;
        task->waits = false;
        break;
    }
    pthread_mutex_unlock(&loop->lock);
}

typedef struct loop_call {
    void (*call)(void *argument);
    void *argument;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done;
} loop_call;

static void run_call(void *argument)
{
    loop_call *self = argument;
    self->call(self->argument);
    pthread_mutex_lock(&self->lock);
    self->done = true;
    pthread_cond_signal(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

void abx_loop_call(abx_loop *loop, void (*call)(void *argument), void *argument)
{
    if (!loop->has_thread || pthread_equal(pthread_self(), loop->thread)) {
        call(argument);
        return;
    }
    loop_call self = { call, argument, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };
    abx_loop_task task = { .run = run_call, .argument = &self };
    abx_loop_post(loop, &task);
    pthread_mutex_lock(&self.lock);
    while (!self.done)
        pthread_cond_wait(&self.changed, &self.lock);
    pthread_mutex_unlock(&self.lock);
    pthread_cond_destroy(&self.changed);
    pthread_mutex_destroy(&self.lock);
}
