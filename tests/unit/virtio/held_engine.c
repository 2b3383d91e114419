/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "held_engine.h"

#include "cmocka_all.h"

#include <pthread.h>

enum { ROOM = 256 };

static struct {
    abx_disk_engine engine;
    const abx_disk *disk;
    const abx_wakeup *bell;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    abx_disk_request *under_way[ROOM], *done[ROOM];
    unsigned count, done_count, drained;
} held = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static abx_status held_open(abx_disk_engine **out, const abx_disk *disk, uint32_t depth, const abx_wakeup *bell)
{
    assert_true(depth <= ROOM);
    held.engine.kind = &held_engine;
    held.disk = disk;
    held.bell = bell;
    held.count = held.done_count = held.drained = 0;
    *out = &held.engine;
    return ABX_OK;
}

static void held_close(abx_disk_engine *engine)
{
    (void)engine;
    assert_int_equal(held.count + held.done_count, 0);
}

static void held_submit(abx_disk_engine *engine, abx_disk_request *request)
{
    (void)engine;
    pthread_mutex_lock(&held.lock);
    assert_true(held.count < ROOM);
    held.under_way[held.count++] = request;
    pthread_cond_broadcast(&held.changed);
    pthread_mutex_unlock(&held.lock);
}

static void held_start(abx_disk_engine *engine)
{
    (void)engine;
}

/* Under the lock. */
static void finish(unsigned n, int error)
{
    abx_disk_request *request = held.under_way[n];
    assert_true(n < held.count);
    request->error = error ? error : abx_disk_do(held.disk, request, NULL);
    for (held.count--; n < held.count; n++)
        held.under_way[n] = held.under_way[n + 1];
    held.done[held.done_count++] = request;
}

static abx_disk_request *held_reap(abx_disk_engine *engine, bool wait)
{
    abx_disk_request *request = NULL;
    (void)engine;
    pthread_mutex_lock(&held.lock);
    if (held.done_count == 0 && wait) {
        held.drained++;
        finish(held.count - 1, 0);
    }
    if (held.done_count > 0) {
        request = held.done[0];
        held.done_count--;
        for (unsigned i = 0; i < held.done_count; i++)
            held.done[i] = held.done[i + 1];
    }
    pthread_mutex_unlock(&held.lock);
    return request;
}

const abx_disk_engine_kind held_engine = {
    .name = "held",
    .open = held_open,
    .close = held_close,
    .submit = held_submit,
    .start = held_start,
    .reap = held_reap,
};

unsigned held_count(void)
{
    pthread_mutex_lock(&held.lock);
    unsigned count = held.count;
    pthread_mutex_unlock(&held.lock);
    return count;
}

unsigned held_drained(void)
{
    pthread_mutex_lock(&held.lock);
    unsigned count = held.drained;
    pthread_mutex_unlock(&held.lock);
    return count;
}

void held_await(unsigned count)
{
    pthread_mutex_lock(&held.lock);
    while (held.count < count)
        pthread_cond_wait(&held.changed, &held.lock);
    pthread_mutex_unlock(&held.lock);
}

void held_finish(unsigned n, int error)
{
    pthread_mutex_lock(&held.lock);
    finish(n, error);
    abx_wakeup_raise(held.bell);
    pthread_mutex_unlock(&held.lock);
}
