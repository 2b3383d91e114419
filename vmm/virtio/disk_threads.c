/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Threads of our own, not those of libuv: a finished uv_work_t is given back by the loop only, and whoever drains a
 * device must not wait for the loop. Its threads are the process's besides, so that one machine's disk holds up
 * another's.
 */
#include "virtio/disk_engine.h"

#include "thread.h"

#include <stdlib.h>

enum { THREADS_MAX = 8 };

typedef struct list {
    abx_disk_request *first, *last;
} list;

typedef struct pool pool;

typedef struct worker {
    pool *pool;
    pthread_t thread;
    void *bounce; /* NULL: not needed */
} worker;

struct pool {
    abx_disk_engine engine;
    const abx_disk *disk;
    const abx_wakeup *bell;
    char *bounces; /* of all workers */
    pthread_mutex_t lock;
    pthread_cond_t submitted, finished;
    list waiting, done;
    uint32_t waiting_count;
    uint32_t idle; /* workers */
    uint32_t count;
    bool ends;
    worker workers[THREADS_MAX];
};

static void append(list *to, abx_disk_request *request)
{
    request->next = NULL;
    if (to->first)
        to->last->next = request;
    else
        to->first = request;
    to->last = request;
}

static abx_disk_request *take(list *from)
{
    abx_disk_request *first = from->first;
    if (first)
        from->first = first->next;
    return first;
}

/* Under the lock, which is given back meanwhile. Whoever reaps takes all: the bell has been raised for the first. */
static void carry_out(pool *self, void *bounce)
{
    abx_disk_request *request = take(&self->waiting);
    self->waiting_count--;
    pthread_mutex_unlock(&self->lock);
    request->error = abx_disk_do(self->disk, request, bounce);
    pthread_mutex_lock(&self->lock);
    if (!self->done.first)
        abx_wakeup_raise(self->bell);
    append(&self->done, request);
    pthread_cond_signal(&self->finished);
}

static void *body(void *argument)
{
    const worker *one = argument;
    pool *self = one->pool;
    abx_thread_set_name("disk");
    pthread_mutex_lock(&self->lock);
    while (!self->ends) {
        if (self->waiting.first) {
            carry_out(self, one->bounce);
            continue;
        }
        self->idle++;
        pthread_cond_wait(&self->submitted, &self->lock);
        self->idle--;
    }
    pthread_mutex_unlock(&self->lock);
    return NULL;
}

static void start_worker(pool *self)
{
    worker *one = &self->workers[self->count];
    if (abx_thread_start(&one->thread, body, one, "of a disk") == ABX_OK)
        self->count++;
}

static void threads_submit(abx_disk_engine *engine, abx_disk_request *request)
{
    pool *self = (pool *)engine;
    pthread_mutex_lock(&self->lock);
    append(&self->waiting, request);
    self->waiting_count++;
    if (self->waiting_count > self->idle && self->count < THREADS_MAX)
        start_worker(self);
    if (self->count > 0)
        pthread_cond_signal(&self->submitted);
    else
        carry_out(self, self->workers[0].bounce); /* slow, but it goes on */
    pthread_mutex_unlock(&self->lock);
}

static void threads_start(abx_disk_engine *engine)
{
    (void)engine; /* all has begun */
}

static abx_disk_request *threads_reap(abx_disk_engine *engine, bool wait)
{
    pool *self = (pool *)engine;
    pthread_mutex_lock(&self->lock);
    while (wait && !self->done.first)
        pthread_cond_wait(&self->finished, &self->lock);
    abx_disk_request *request = take(&self->done);
    pthread_mutex_unlock(&self->lock);
    return request;
}

static void threads_close(abx_disk_engine *engine)
{
    pool *self = (pool *)engine;
    pthread_mutex_lock(&self->lock);
    self->ends = true;
    pthread_cond_broadcast(&self->submitted);
    pthread_mutex_unlock(&self->lock);
    for (uint32_t i = 0; i < self->count; i++)
        pthread_join(self->workers[i].thread, NULL);
    pthread_cond_destroy(&self->finished);
    pthread_cond_destroy(&self->submitted);
    pthread_mutex_destroy(&self->lock);
    free(self->bounces);
    free(self);
}

/* It has room for any number of requests: their links are in themselves. */
static abx_status threads_open(abx_disk_engine **out, const abx_disk *disk, uint32_t depth, const abx_wakeup *bell)
{
    pool *self = calloc(1, sizeof(*self));
    (void)depth;
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a disk's threads");
    if (disk->direct)
        self->bounces = aligned_alloc(ABX_DISK_BOUNCE, (size_t)THREADS_MAX * ABX_DISK_BOUNCE);
    if (disk->direct && !self->bounces) {
        free(self);
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a disk's buffers");
    }
    for (size_t i = 0; i < THREADS_MAX; i++)
        self->workers[i] = (worker){ self, .bounce = disk->direct ? self->bounces + i * ABX_DISK_BOUNCE : NULL };
    self->engine.kind = &abx_disk_threads;
    self->disk = disk;
    self->bell = bell;
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->submitted, NULL);
    pthread_cond_init(&self->finished, NULL);
    *out = &self->engine;
    return ABX_OK;
}

const abx_disk_engine_kind abx_disk_threads = {
    .name = "threads",
    .open = threads_open,
    .close = threads_close,
    .submit = threads_submit,
    .start = threads_start,
    .reap = threads_reap,
};
