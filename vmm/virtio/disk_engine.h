/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What carries out requests to a disk, many at a time: they are done in any order. An engine is used by one thread at a
 * time, whichever that is; what is under way is under way in threads of its own, or in the kernel.
 */
#ifndef ABX_VMM_VIRTIO_DISK_ENGINE_H
#define ABX_VMM_VIRTIO_DISK_ENGINE_H

#include "virtio/disk.h"
#include "wakeup.h"

typedef struct abx_disk_engine abx_disk_engine;

/*
 * A kind of engine. open makes one for at most `depth` requests under way, which raises `bell` when there is something
 * to reap; disk and bell outlive it. Its errors: ABX_ERR_NO_MEMORY, ABX_ERR_NOT_SUPPORTED (this system has none of the
 * kind, or does not let us). The other functions are those below.
 */
typedef struct abx_disk_engine_kind {
    const char *name;
    abx_status (*open)(abx_disk_engine **out, const abx_disk *disk, uint32_t depth, const abx_wakeup *bell);
    void (*close)(abx_disk_engine *engine);
    void (*submit)(abx_disk_engine *engine, abx_disk_request *request);
    void (*start)(abx_disk_engine *engine);
    abx_disk_request *(*reap)(abx_disk_engine *engine, bool wait);
} abx_disk_engine_kind;

/* The first member of every engine. */
struct abx_disk_engine {
    const abx_disk_engine_kind *kind;
};

/* Threads, started when there is something to do for them: everywhere. */
extern const abx_disk_engine_kind abx_disk_threads;

/* Of the system: the best engine that it has for `disk`. Errors: ABX_ERR_NO_MEMORY. */
abx_status abx_disk_engine_open(abx_disk_engine **out, const abx_disk *disk, uint32_t depth, const abx_wakeup *bell);

/* Nothing is under way any more. */
static inline void abx_disk_engine_close(abx_disk_engine *engine)
{
    engine->kind->close(engine);
}

/* Hands a request over until it is reaped, with its pieces and what they lead to. It begins with start at the latest.
 */
static inline void abx_disk_engine_submit(abx_disk_engine *engine, abx_disk_request *request)
{
    engine->kind->submit(engine, request);
}

static inline void abx_disk_engine_start(abx_disk_engine *engine)
{
    engine->kind->start(engine);
}

/*
 * A request that is done, its `error` set. NULL: there is none now; with `wait`, for which something must be under way,
 * it is waited for.
 */
static inline abx_disk_request *abx_disk_engine_reap(abx_disk_engine *engine, bool wait)
{
    return engine->kind->reap(engine, wait);
}

#endif
