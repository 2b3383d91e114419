/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "queue.h"

/* Its address is the key under which a queue knows itself. */
static const char key;

typedef struct job {
    void (*work)(void *context);
    void *context;
} job;

abx_status abx_vz_queue_new(dispatch_queue_t *out)
{
    dispatch_queue_t queue = dispatch_queue_create("arcbox.vz", NULL);
    if (!queue)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a dispatch queue");
    dispatch_queue_set_specific(queue, &key, queue, NULL);
    *out = queue;
    return ABX_OK;
}

static void run(void *context)
{
    const job *j = context;
    void *pool = objc_autoreleasePoolPush();
    j->work(j->context);
    objc_autoreleasePoolPop(pool);
}

static bool is_current(dispatch_queue_t queue)
{
    return dispatch_get_specific(&key) == queue;
}

void abx_vz_queue_call(dispatch_queue_t queue, void (*work)(void *context), void *context)
{
    job j = { .work = work, .context = context };
    /* It would wait for itself. */
    if (is_current(queue))
        run(&j);
    else
        dispatch_sync_f(queue, &j, run);
}

abx_status abx_vz_queue_may_wait(dispatch_queue_t queue, const char *operation)
{
    if (is_current(queue))
        return abx_fail(ABX_ERR_THREAD, 0, "An observer of the VM's events must not wait for it; do it from a thread.",
                        "%s", operation);
    return ABX_OK;
}
