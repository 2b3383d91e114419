/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Getters and setters of the properties that are no more than that. */
#include "foundation.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *getter_of(const model_property *property)
{
    return property->getter ? property->getter : property->name;
}

static void setter_of(const model_property *property, char *text, size_t size)
{
    snprintf(text, size, "set%c%s:", toupper(property->name[0]), property->name + 1);
}

static const model_property *find(id object, SEL selector)
{
    const char *name = model_selector_name(selector);
    char setter[96];
    for (Class class = object->isa; class; class = class->super)
        for (size_t i = 0; class->origin && i < class->origin->property_count; i++) {
            const model_property *property = &class->origin->properties[i];
            setter_of(property, setter, sizeof setter);
            if (strcmp(name, getter_of(property)) == 0 || strcmp(name, setter) == 0)
                return property;
        }
    model_die("%s has no property for %s", object->isa->name, name);
}

static void *place(id object, SEL selector)
{
    return (char *)object + find(object, selector)->offset;
}

static id get_object(id object, SEL selector)
{
    return model_autorelease(objc_retain(*(id *)place(object, selector)));
}

static uint64_t get_u64(id object, SEL selector)
{
    return *(uint64_t *)place(object, selector);
}

static uint32_t get_u32(id object, SEL selector)
{
    return *(uint32_t *)place(object, selector);
}

static BOOL get_bool(id object, SEL selector)
{
    return *(BOOL *)place(object, selector);
}

static void check_kind(id object, SEL selector, id value, const char *kind)
{
    model_check(value, model_selector_name(selector));
    if (value && kind && !model_is_kind(value, kind))
        model_invalid("-[%s %s] with %s, which is not a %s", object->isa->name, model_selector_name(selector),
                      value->isa->name, kind);
}

static void set_object(id object, SEL selector, id value)
{
    const model_property *property = find(object, selector);
    check_kind(object, selector, value, property->kind);
    for (size_t i = 0; property->element && i < model_array_count(value); i++)
        check_kind(object, selector, model_array_at(value, i), property->element);
    id own = property->ownership == COPIED ? model_copy(value) : objc_retain(value);
    model_set(place(object, selector), own);
    objc_release(own);
}

static void set_u64(id object, SEL selector, uint64_t value)
{
    *(uint64_t *)place(object, selector) = value;
}

static void set_u32(id object, SEL selector, uint32_t value)
{
    *(uint32_t *)place(object, selector) = value;
}

static void set_bool(id object, SEL selector, BOOL value)
{
    *(BOOL *)place(object, selector) = value;
}

static IMP getter_for(char type)
{
    return type == '@' ? (IMP)get_object : type == 'B' ? (IMP)get_bool : type == 'I' ? (IMP)get_u32 : (IMP)get_u64;
}

static IMP setter_for(char type)
{
    return type == '@' ? (IMP)set_object : type == 'B' ? (IMP)set_bool : type == 'I' ? (IMP)set_u32 : (IMP)set_u64;
}

static const char *text_copy(const char *text)
{
    char *copy = model_memory(strlen(text) + 1);
    memcpy(copy, text, strlen(text) + 1);
    return copy;
}

static void add_one(Class class, const model_property *property)
{
    char types[8], setter[96];
    snprintf(types, sizeof types, "%c@:", property->type);
    model_add_method(class, &(model_method){ '-', getter_of(property), text_copy(types), getter_for(property->type),
                                             property->since, 0 });
    if (property->ownership == READ_ONLY)
        return;
    setter_of(property, setter, sizeof setter);
    snprintf(types, sizeof types, "v@:%c", property->type);
    model_add_method(class,
                     &(model_method){ '-', setter, text_copy(types), setter_for(property->type), property->since, 0 });
}

void model_add_properties(Class class)
{
    for (size_t i = 0; i < class->origin->property_count; i++)
        add_one(class, &class->origin->properties[i]);
}

void model_release_properties(id object, const model_class *origin)
{
    for (size_t i = 0; i < origin->property_count; i++)
        if (origin->properties[i].type == '@')
            model_set((id *)(void *)((char *)object + origin->properties[i].offset), NULL);
}
