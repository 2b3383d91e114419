/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Objects and who holds them. A dead one is kept, so that whoever still uses it is found out; its contents are
 * overwritten. Counting orders nothing but the last release, as on a Mac: the thread sanitizer sees all races.
 */
#include "runtime.h"

#include <string.h>

static struct objc_object *_Atomic dead;

id model_allocate(Class class, size_t extra)
{
    size_t size = (class->size + 15) / 16 * 16 + extra;
    id object = model_memory(size);
    object->size = size;
    object->isa = class;
    object->life = MODEL_LIVE;
    atomic_init(&object->count, 1);
    atomic_fetch_add_explicit(&class->alive, 1, memory_order_relaxed);
    return object;
}

id model_new(const char *class_name)
{
    Class class = model_class_named(class_name);
    if (!class)
        model_die("the model has no %s", class_name);
    id object = model_allocate(class, 0);
    object->initialised = true;
    return object;
}

void model_check(id object, const char *use)
{
    if (!object || object->life == MODEL_LIVE)
        return;
    if (object->life == MODEL_DEAD)
        model_die("%s: use of a released %s", use, object->isa->name);
    model_die("%s: that is not an object", use);
}

static bool is_class(id object)
{
    return object->isa->meta || !object->isa->base.isa;
}

id objc_retain(id object)
{
    model_check(object, "retain");
    if (object && !is_class(object) && atomic_fetch_add_explicit(&object->count, 1, memory_order_relaxed) <= 0)
        model_die("retain of %s, which is on its way out", object->isa->name);
    return object;
}

static void bury(id object)
{
    object->life = MODEL_DEAD;
    memset(object + 1, 0xdb, object->size - sizeof *object);
    object->next_dead = atomic_load_explicit(&dead, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&dead, &object->next_dead, object, memory_order_release,
                                                  memory_order_relaxed))
        ;
}

static void destroy(id object)
{
    model_forget_weak(object);
    for (Class class = object->isa; class; class = class->super) {
        if (class->origin && class->origin->dealloc)
            class->origin->dealloc(object);
        if (class->origin)
            model_release_properties(object, class->origin);
    }
    atomic_fetch_sub_explicit(&object->isa->alive, 1, memory_order_relaxed);
    bury(object);
}

void objc_release(id object)
{
    if (!object)
        return;
    if (object->life == MODEL_DEAD)
        model_die("over-release of %s", object->isa->name);
    model_check(object, "release");
    if (is_class(object) || atomic_fetch_sub_explicit(&object->count, 1, memory_order_acq_rel) != 1)
        return;
    model_check_pool(object->isa, "the end");
    destroy(object);
}

id model_init_failed(id object)
{
    objc_release(object);
    return NULL;
}

void model_set(id *place, id value)
{
    objc_retain(value);
    id before = *place;
    *place = value;
    objc_release(before);
}

bool model_is_kind(id object, const char *class_name)
{
    for (Class class = object ? object->isa : NULL; class; class = class->super)
        if (!class->meta && strcmp(class->name, class_name) == 0)
            return true;
    return false;
}

id class_createInstance(Class class, size_t extra)
{
    if (!class)
        return NULL;
    if (!class->registered)
        model_die("an instance of %s, which is not registered", class->name);
    if (model_fails("class_createInstance"))
        return NULL;
    id object = model_allocate(class, extra);
    object->initialised = true;
    return object;
}

/* Behind what the class itself needs. */
void *object_getIndexedIvars(id object)
{
    model_check(object, "object_getIndexedIvars");
    return object ? (char *)object + (object->isa->size + 15) / 16 * 16 : NULL;
}
