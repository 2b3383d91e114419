/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* NSArray and NSDictionary. Neither holds nil. */
#include "classes.h"
#include "foundation.h"

#include <stdlib.h>

/* A dictionary has its keys behind its values. */
typedef struct ns_collection {
    struct objc_object base;
    size_t count, held;
    id *objects;
} ns_collection;

static id make(const char *class_name, size_t count, size_t held)
{
    ns_collection *it = (ns_collection *)model_new(class_name);
    it->count = count;
    it->held = held;
    it->objects = model_memory((held + 1) * sizeof(id));
    return (id)it;
}

static void fill(id collection, size_t first, const id *objects, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ((ns_collection *)collection)->objects[first + i] = objc_retain(objects[i]);
}

static void collection_dealloc(id object)
{
    ns_collection *it = (ns_collection *)object;
    for (size_t i = 0; i < it->held; i++)
        objc_release(it->objects[i]);
    free(it->objects);
}

static void check_objects(const char *where, const id *objects, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!objects[i])
            model_invalid("%s with nil at %zu", where, i);
        model_check(objects[i], where);
    }
}

id model_array(const id *objects, size_t count)
{
    id array = make("NSArray", count, count);
    fill(array, 0, objects, count);
    return array;
}

size_t model_array_count(id array)
{
    return array ? ((ns_collection *)array)->count : 0;
}

id model_array_at(id array, size_t index)
{
    return ((ns_collection *)array)->objects[index];
}

size_t model_dictionary_count(id dictionary)
{
    return model_array_count(dictionary);
}

id model_dictionary_value(id dictionary, size_t index)
{
    return model_array_at(dictionary, index);
}

id model_dictionary_key(id dictionary, size_t index)
{
    return model_array_at(dictionary, ((ns_collection *)dictionary)->count + index);
}

/* Arrays and strings never change here: to copy one is to retain it. */
id model_copy(id object)
{
    return objc_retain(object);
}

static id array_with(Class class, SEL selector, const id *objects, uint64_t count)
{
    (void)class;
    (void)selector;
    check_objects("+[NSArray arrayWithObjects:count:]", objects, count);
    if (model_fails("arrayWithObjects:count:"))
        return NULL;
    return model_autorelease(model_array(objects, count));
}

static uint64_t array_count(id array, SEL selector)
{
    (void)selector;
    return model_array_count(array);
}

static id array_at(id array, SEL selector, uint64_t index)
{
    (void)selector;
    if (index >= model_array_count(array))
        model_raise("NSRangeException", "-[NSArray objectAtIndex:] %llu of %zu", (unsigned long long)index,
                    model_array_count(array));
    return model_autorelease(objc_retain(model_array_at(array, index)));
}

static id dictionary_with(Class class, SEL selector, const id *objects, const id *keys, uint64_t count)
{
    (void)class;
    (void)selector;
    check_objects("+[NSDictionary dictionaryWithObjects:forKeys:count:]", objects, count);
    check_objects("+[NSDictionary dictionaryWithObjects:forKeys:count:]", keys, count);
    if (model_fails("dictionaryWithObjects:forKeys:count:"))
        return NULL;
    id dictionary = make("NSDictionary", count, 2 * count);
    fill(dictionary, 0, objects, count);
    fill(dictionary, count, keys, count);
    return model_autorelease(dictionary);
}

static const model_method array_methods[] = {
    METHOD('+', "arrayWithObjects:count:", "@@:r^@Q", array_with, ALWAYS, 0),
    METHOD('-', "count", "Q@:", array_count, ALWAYS, 0),
    METHOD('-', "objectAtIndex:", "@@:Q", array_at, ALWAYS, 0),
};
const model_class model_ns_array = { .name = "NSArray",
                                     .super = "NSObject",
                                     .size = sizeof(ns_collection),
                                     .dealloc = collection_dealloc,
                                     METHODS(array_methods) };

static const model_method dictionary_methods[] = {
    METHOD('+', "dictionaryWithObjects:forKeys:count:", "@@:r^@r^@Q", dictionary_with, ALWAYS, 0),
    METHOD('-', "count", "Q@:", array_count, ALWAYS, 0),
};
const model_class model_ns_dictionary = { .name = "NSDictionary",
                                          .super = "NSObject",
                                          .size = sizeof(ns_collection),
                                          .dealloc = collection_dealloc,
                                          METHODS(dictionary_methods) };
