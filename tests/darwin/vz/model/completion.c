/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* When operations end and how: tests can keep their ends back, and have them fail. */
#include "machine.h"

#include <pthread.h>
#include <string.h>

enum { MOST = 64 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool holding;
static size_t held_count;
static struct held {
    dispatch_queue_t queue;
    void *context;
    dispatch_function_t work;
} held[MOST];
static struct told {
    const char *name;
    long code, state;
} told;

void model_hold(bool on)
{
    pthread_mutex_lock(&lock);
    holding = on;
    pthread_mutex_unlock(&lock);
}

static bool keep(dispatch_queue_t queue, void *context, dispatch_function_t work)
{
    pthread_mutex_lock(&lock);
    bool keeps = holding;
    if (keeps) {
        if (held_count == MOST)
            model_die("too many completions are kept back");
        model_queue_retain(queue);
        held[held_count++] = (struct held){ queue, context, work };
        pthread_cond_broadcast(&changed);
    }
    pthread_mutex_unlock(&lock);
    return keeps;
}

void model_complete(dispatch_queue_t queue, void *context, dispatch_function_t work)
{
    if (!keep(queue, context, work))
        model_queue_async(queue, context, work);
}

void model_wait_held(size_t count)
{
    pthread_mutex_lock(&lock);
    while (held_count < count)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

long model_held(void)
{
    pthread_mutex_lock(&lock);
    size_t count = held_count;
    pthread_mutex_unlock(&lock);
    return (long)count;
}

void model_let_go(size_t index)
{
    pthread_mutex_lock(&lock);
    if (index >= held_count)
        model_die("no completion %zu is kept back", index);
    struct held it = held[index];
    held_count--;
    memmove(&held[index], &held[index + 1], (held_count - index) * sizeof held[0]);
    pthread_mutex_unlock(&lock);
    model_queue_async(it.queue, it.context, it.work);
    dispatch_release(it.queue);
}

void model_fail_operation(const char *name, long code, long state)
{
    pthread_mutex_lock(&lock);
    told = (struct told){ code ? name : NULL, code, state };
    pthread_mutex_unlock(&lock);
}

long model_operation_fails(const char *name, int64_t *state)
{
    pthread_mutex_lock(&lock);
    struct told it = told;
    bool fails = it.name && strcmp(it.name, name) == 0;
    if (fails)
        told = (struct told){ NULL, 0, 0 };
    pthread_mutex_unlock(&lock);
    if (!fails)
        return model_fails(name) ? VZ_INTERNAL : 0;
    if (state && strcmp(name, "start") == 0)
        *state = it.state;
    return it.code;
}
