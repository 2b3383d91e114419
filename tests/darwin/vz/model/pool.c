/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Autorelease pools: a stack of them per thread, given back in order and on their own thread. */
#include "runtime.h"

#include <stdlib.h>
#include <string.h>

typedef struct pool {
    struct pool *outer;
    id *objects;
    size_t count, room;
} pool;

static __thread pool *innermost;
static atomic_long open_pools;

void *objc_autoreleasePoolPush(void)
{
    pool *made = model_memory(sizeof *made);
    made->outer = innermost;
    innermost = made;
    atomic_fetch_add_explicit(&open_pools, 1, memory_order_relaxed);
    return made;
}

void objc_autoreleasePoolPop(void *token)
{
    pool *it = innermost;
    if (!it || token != it)
        model_die("an autorelease pool is popped that is not the innermost one of its thread");
    while (it->count)
        objc_release(it->objects[--it->count]);
    innermost = it->outer;
    free(it->objects);
    free(it);
    atomic_fetch_sub_explicit(&open_pools, 1, memory_order_relaxed);
}

id model_autorelease(id object)
{
    if (!object)
        return NULL;
    model_check(object, "autorelease");
    pool *it = innermost;
    if (!it)
        model_die("autorelease of %s where no pool is", object->isa->name);
    if (it->count == it->room) {
        it->room = it->room ? 2 * it->room : 16;
        it->objects = realloc(it->objects, it->room * sizeof *it->objects);
        if (!it->objects)
            model_die("no memory for the model itself");
    }
    it->objects[it->count++] = object;
    return object;
}

id objc_autorelease(id object)
{
    return model_autorelease(object);
}

void model_check_pool(Class class, const char *use)
{
    if (!innermost && strncmp(class->name, "VZ", 2) == 0)
        model_die("%s of %s where no autorelease pool is", use, class->name);
}

long model_open_pools(void)
{
    return atomic_load_explicit(&open_pools, memory_order_relaxed);
}
