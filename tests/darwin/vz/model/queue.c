/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Serial queues. Each has one thread, from the first work of the framework on; dispatch_sync_f() runs on the caller's.
 */
#include "queue.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

typedef struct job {
    dispatch_function_t work;
    void *context;
    bool waits; /* a thread in dispatch_sync_f() that waits for its turn */
    struct job *next;
} job;

enum { KEYS = 4 };
struct dispatch_queue_s {
    model_dispatched base;
    bool serial;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    job *first, **last;
    bool busy, ended, has_thread;
    pthread_t thread;
    struct specific {
        const void *key;
        void *value;
        dispatch_function_t destroy;
    } specific[KEYS];
    dispatch_queue_t next_gone;
};

static __thread dispatch_queue_t current;
static atomic_long live, outstanding;
static sem_t done;
static dispatch_queue_t _Atomic gone;

__attribute__((constructor)) static void start(void)
{
    sem_init(&done, 0, 0);
}

long model_live_queues(void)
{
    return atomic_load_explicit(&live, memory_order_relaxed);
}

void model_queue_check(dispatch_queue_t queue, const char *use)
{
    if (!queue)
        model_die("%s: no queue", use);
    if (queue->base.kind != MODEL_QUEUE)
        model_die("%s: %s", use, queue->base.kind == MODEL_GONE ? "use of a released queue" : "that is not a queue");
}

bool model_queue_is_serial(dispatch_queue_t queue)
{
    return queue->serial;
}

static dispatch_queue_t make(bool serial)
{
    dispatch_queue_t queue = model_memory(sizeof *queue);
    queue->base.kind = MODEL_QUEUE;
    atomic_init(&queue->base.count, 1);
    queue->serial = serial;
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->changed, NULL);
    queue->last = &queue->first;
    atomic_fetch_add_explicit(&live, 1, memory_order_relaxed);
    return queue;
}

dispatch_queue_t dispatch_queue_create(const char *label, void *attributes)
{
    (void)label;
    return model_fails("dispatch_queue_create") ? NULL : make(!attributes);
}

dispatch_queue_t model_own_queue(void)
{
    return make(true);
}

void model_queue_retain(dispatch_queue_t queue)
{
    model_queue_check(queue, "retain");
    atomic_fetch_add_explicit(&queue->base.count, 1, memory_order_relaxed);
}

static void append(dispatch_queue_t queue, job *it)
{
    *queue->last = it;
    queue->last = &it->next;
    pthread_cond_broadcast(&queue->changed);
}

static void take_first(dispatch_queue_t queue)
{
    queue->first = queue->first->next;
    if (!queue->first)
        queue->last = &queue->first;
    queue->busy = true;
}

static void run(dispatch_queue_t queue, void *context, dispatch_function_t work)
{
    dispatch_queue_t outer = current;
    pthread_mutex_unlock(&queue->lock);
    current = queue;
    work(context);
    current = outer;
    pthread_mutex_lock(&queue->lock);
    queue->busy = false;
    pthread_cond_broadcast(&queue->changed);
}

static void work_in_pool(void *object)
{
    const job *it = object;
    void *pool = objc_autoreleasePoolPush();
    it->work(it->context);
    objc_autoreleasePoolPop(pool);
}

static void run_for_framework(dispatch_queue_t queue, job *it)
{
    run(queue, it, work_in_pool);
    pthread_mutex_unlock(&queue->lock);
    free(it);
    dispatch_release(queue); /* may be the last reference: then `ended` is set */
    atomic_fetch_sub_explicit(&outstanding, 1, memory_order_relaxed);
    sem_post(&done);
    pthread_mutex_lock(&queue->lock);
}

static void *serve(void *object)
{
    dispatch_queue_t queue = object;
    pthread_mutex_lock(&queue->lock);
    for (;;) {
        job *it = queue->first;
        if (it && !it->waits && !queue->busy) {
            take_first(queue);
            run_for_framework(queue, it);
        } else if (!it && queue->ended) {
            break;
        } else {
            pthread_cond_wait(&queue->changed, &queue->lock);
        }
    }
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}

void model_queue_async(dispatch_queue_t queue, void *context, dispatch_function_t work)
{
    model_queue_retain(queue);
    atomic_fetch_add_explicit(&outstanding, 1, memory_order_relaxed);
    job *it = model_memory(sizeof *it);
    *it = (job){ .work = work, .context = context };
    pthread_mutex_lock(&queue->lock);
    if (!queue->has_thread && pthread_create(&queue->thread, NULL, serve, queue) != 0)
        model_die("no thread for the model itself");
    queue->has_thread = true;
    append(queue, it);
    pthread_mutex_unlock(&queue->lock);
}

void dispatch_sync_f(dispatch_queue_t queue, void *context, dispatch_function_t work)
{
    model_queue_check(queue, "dispatch_sync_f");
    if (current == queue)
        model_die("dispatch_sync_f on the queue that runs the caller: it waits for itself");
    job it = { .waits = true };
    pthread_mutex_lock(&queue->lock);
    append(queue, &it);
    while (queue->first != &it || queue->busy)
        pthread_cond_wait(&queue->changed, &queue->lock);
    take_first(queue);
    run(queue, context, work);
    pthread_mutex_unlock(&queue->lock);
}

void model_queue_assert(dispatch_queue_t queue, const char *member)
{
    if (current != queue)
        model_die("%s is used outside the machine's queue", member);
}

void dispatch_queue_set_specific(dispatch_queue_t queue, const void *key, void *value, dispatch_function_t destroy)
{
    model_queue_check(queue, "dispatch_queue_set_specific");
    pthread_mutex_lock(&queue->lock);
    struct specific *at = queue->specific;
    while (at < &queue->specific[KEYS] && at->key && at->key != key)
        at++;
    if (at == &queue->specific[KEYS])
        model_die("the model has no room for one more key of a queue");
    *at = (struct specific){ key, value, destroy };
    pthread_mutex_unlock(&queue->lock);
}

void *dispatch_get_specific(const void *key)
{
    for (size_t i = 0; current && i < KEYS; i++)
        if (current->specific[i].key == key)
            return current->specific[i].value;
    return NULL;
}

/* Its memory stays, to find those who still use it, and so that its thread can be waited for. */
void model_queue_gone(dispatch_queue_t queue)
{
    pthread_mutex_lock(&queue->lock);
    if (queue->first)
        model_die("a queue is gone while it has work to do");
    for (size_t i = 0; i < KEYS; i++)
        if (queue->specific[i].destroy)
            queue->specific[i].destroy(queue->specific[i].value);
    queue->base.kind = MODEL_GONE;
    queue->ended = true;
    pthread_cond_broadcast(&queue->changed);
    queue->next_gone = atomic_load_explicit(&gone, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&gone, &queue->next_gone, queue, memory_order_release,
                                                  memory_order_relaxed))
        ;
    atomic_fetch_sub_explicit(&live, 1, memory_order_relaxed);
    pthread_mutex_unlock(&queue->lock);
}

void model_queues_settle(void)
{
    while (atomic_load_explicit(&outstanding, memory_order_relaxed))
        sem_wait(&done);
    for (dispatch_queue_t queue = atomic_load_explicit(&gone, memory_order_acquire); queue; queue = queue->next_gone) {
        pthread_mutex_lock(&queue->lock);
        bool joins = queue->has_thread;
        queue->has_thread = false;
        pthread_mutex_unlock(&queue->lock);
        if (joins)
            pthread_join(queue->thread, NULL);
    }
}
