/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Classes: the model's own and those that the program makes. */
#include "classes.h"
#include "runtime.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Class _Atomic classes;

static void define_all(void)
{
    for (size_t i = 0; i < model_class_count; i++)
        model_define(model_classes[i]);
}

static Class find(const char *name)
{
    Class class = atomic_load_explicit(&classes, memory_order_acquire);
    while (class && strcmp(class->name, name) != 0)
        class = class->next;
    return class;
}

static bool is_there(Class class)
{
    return atomic_load_explicit(&class->registered, memory_order_acquire) &&
           (!class->origin || model_exists(class->origin->since, class->origin->flags));
}

Class model_class_named(const char *name)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, define_all);
    Class class = find(name);
    return class && is_there(class) ? class : NULL;
}

Class objc_getClass(const char *name)
{
    if (!name)
        model_die("objc_getClass of NULL");
    return model_class_named(name);
}

static Class make(Class super, const char *name, size_t size)
{
    Class class = model_memory(sizeof *class), meta = model_memory(sizeof *meta);
    *class = (struct objc_class){ .base = { .isa = meta, .life = MODEL_LIVE, .initialised = true },
                                  .super = super,
                                  .name = strdup(name),
                                  .size = size };
    /* What the class of classes does not know, an instance of the root class may. */
    *meta = (struct objc_class){
        .base.life = MODEL_LIVE, .super = super ? super->base.isa : class, .name = class->name, .meta = true
    };
    return class;
}

static void publish(Class class)
{
    class->next = atomic_load_explicit(&classes, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&classes, &class->next, class, memory_order_release,
                                                  memory_order_relaxed))
        ;
}

static void add_methods(Class class, const model_method *methods, size_t count)
{
    for (size_t i = 0; i < count; i++)
        model_add_method(methods[i].kind == '+' ? class->base.isa : class, &methods[i]);
}

void model_define(const model_class *origin)
{
    Class super = origin->super ? find(origin->super) : NULL;
    if (origin->super && !super)
        model_die("%s comes before its superclass", origin->name);
    Class class = make(super, origin->name, origin->size);
    if (super && class->size < super->size)
        class->size = super->size;
    class->origin = origin;
    add_methods(class, origin->methods, origin->method_count);
    add_methods(class, origin->more_methods, origin->more_count);
    model_add_properties(class);
    class->registered = true;
    publish(class);
}

Class objc_allocateClassPair(Class super, const char *name, size_t extra)
{
    if (!super || model_class_named(name) || find(name) || model_fails("objc_allocateClassPair"))
        return NULL;
    Class class = make(super, name, super->size + extra);
    publish(class);
    return class;
}

void objc_registerClassPair(Class class)
{
    if (!class)
        model_die("objc_registerClassPair of NULL");
    if (atomic_exchange_explicit(&class->registered, true, memory_order_acq_rel))
        model_die("%s is registered twice", class->name);
}

/* Appends "3 NSString, " for every class that has living instances. */
size_t model_list_alive(char *text, size_t size)
{
    size_t used = 0;
    for (Class class = classes; class; class = class->next)
        if (class->alive && used < size)
            used += (size_t)snprintf(text + used, size - used, "%ld %s, ", class->alive, class->name);
    return used;
}
