/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* NSObject, the root class. */
#include "classes.h"

static id class_alloc(Class class, SEL selector)
{
    (void)selector;
    if (!class->registered)
        model_die("an instance of %s, which is not registered", class->name);
    if (class->origin && (class->origin->flags & ABSTRACT))
        model_invalid("%s is abstract", class->name);
    return model_fails(class->name) ? NULL : model_allocate(class, 0);
}

static id object_init(id object, SEL selector)
{
    (void)selector;
    const model_class *origin = object->isa->origin;
    if (origin && (origin->flags & NO_PLAIN_INIT))
        model_invalid("-[%s init] is not available", origin->name);
    if (model_fails("init"))
        return model_init_failed(object);
    for (; origin && origin->init; origin = NULL)
        origin->init(object);
    return object;
}

static id class_new(Class class, SEL selector)
{
    id object = class_alloc(class, selector);
    if (!object)
        return NULL;
    object->initialised = true;
    return object_init(object, selector);
}

static id object_retain(id object, SEL selector)
{
    (void)selector;
    return objc_retain(object);
}

static void object_release(id object, SEL selector)
{
    (void)selector;
    objc_release(object);
}

static id object_autorelease(id object, SEL selector)
{
    (void)selector;
    return model_autorelease(object);
}

static id object_copy(id object, SEL selector)
{
    (void)selector;
    return model_copy(object);
}

static BOOL object_responds(id object, SEL selector, SEL asked)
{
    (void)selector;
    return asked && model_method_of(object->isa, asked);
}

static BOOL object_is_kind(id object, SEL selector, Class class)
{
    (void)selector;
    for (Class at = object->isa; at; at = at->super)
        if (at == class)
            return true;
    return false;
}

static BOOL class_instances_respond(Class class, SEL selector, SEL asked)
{
    (void)selector;
    return asked && model_method_of(class, asked);
}

static Class object_class(id object, SEL selector)
{
    (void)selector;
    return object->isa;
}

static Class class_class(Class class, SEL selector)
{
    (void)selector;
    return class;
}

static uint64_t object_retain_count(id object, SEL selector)
{
    (void)selector;
    return (uint64_t)atomic_load_explicit(&object->count, memory_order_relaxed);
}

static const model_method object_methods[] = {
    METHOD('+', "alloc", "@@:", class_alloc, ALWAYS, 0),
    METHOD('+', "new", "@@:", class_new, ALWAYS, 0),
    METHOD('+', "class", "#@:", class_class, ALWAYS, 0),
    METHOD('+', "instancesRespondToSelector:", "B@::", class_instances_respond, ALWAYS, 0),
    METHOD('-', "init", "@@:", object_init, ALWAYS, 0),
    METHOD('-', "class", "#@:", object_class, ALWAYS, 0),
    METHOD('-', "copy", "@@:", object_copy, ALWAYS, 0),
    METHOD('-', "retain", "@@:", object_retain, ALWAYS, 0),
    METHOD('-', "release", "Vv@:", object_release, ALWAYS, 0),
    METHOD('-', "autorelease", "@@:", object_autorelease, ALWAYS, 0),
    METHOD('-', "retainCount", "Q@:", object_retain_count, ALWAYS, 0),
    METHOD('-', "respondsToSelector:", "B@::", object_responds, ALWAYS, 0),
    METHOD('-', "isKindOfClass:", "B@:#", object_is_kind, ALWAYS, 0),
};
const model_class model_ns_object = { .name = "NSObject", .size = sizeof(struct objc_object), METHODS(object_methods) };
