/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Methods: adding them, finding them, their encodings. */
#include "runtime.h"

#include <string.h>

static Method own_method(Class class, SEL selector)
{
    Method method = class->methods;
    while (method && method->selector != selector)
        method = method->next;
    return method;
}

Method model_method_of(Class class, SEL selector)
{
    for (; class; class = class->super) {
        Method method = own_method(class, selector);
        if (method && model_exists(method->since, method->flags))
            return method;
    }
    return NULL;
}

static void add(Class class, Method method)
{
    method->next = class->methods;
    class->methods = method;
}

void model_add_method(Class class, const model_method *from)
{
    SEL selector = sel_registerName(from->selector);
    if (own_method(class, selector))
        model_die("%s has %s twice", class->name, from->selector);
    Method method = model_memory(sizeof *method);
    *method = (struct objc_method){ .selector = selector,
                                    .types = from->types,
                                    .encoding = model_encoding(from->types),
                                    .implementation = from->implementation,
                                    .since = from->since,
                                    .flags = from->flags };
    add(class, method);
}

/* A program's method keeps the encoding that came with it. */
BOOL class_addMethod(Class class, SEL selector, IMP implementation, const char *types)
{
    if (!class || !selector || !implementation || !types)
        model_die("class_addMethod without class, selector, implementation or types");
    if (own_method(class, selector))
        return false;
    Method method = model_memory(sizeof *method);
    char *copy = strdup(types);
    *method =
        (struct objc_method){ .selector = selector, .types = copy, .encoding = copy, .implementation = implementation };
    add(class, method);
    return true;
}

Method class_getInstanceMethod(Class class, SEL selector)
{
    return class && selector ? model_method_of(class, selector) : NULL;
}

Method class_getClassMethod(Class class, SEL selector)
{
    return class && selector ? model_method_of(class->base.isa, selector) : NULL;
}

const char *method_getTypeEncoding(Method method)
{
    return method ? method->encoding : NULL;
}

bool model_responds(id object, const char *selector)
{
    return object && model_method_of(object->isa, sel_registerName(selector));
}

/* `types` without offsets, with `boolean` in the place of B. */
static void simplify(const char *types, char boolean, char *text, size_t size)
{
    size_t used = 0;
    for (; *types && used + 1 < size; types++)
        if (*types < '0' || *types > '9')
            text[used++] = *types == 'B' ? boolean : *types;
    text[used] = '\0';
}

bool model_same_types(const char *given, const char *wanted)
{
    char one[64], other[64];
    simplify(given, 'B', one, sizeof one);
    simplify(wanted, VZ_BOOL[0], other, sizeof other);
    return strcmp(one, other) == 0;
}

void model_check_callback(id object, const char *selector, const char *types)
{
    Method method = object ? model_method_of(object->isa, sel_registerName(selector)) : NULL;
    if (!method)
        return;
    if (!model_same_types(method->types, types))
        model_die("-[%s %s] is declared as %s and not %s", object->isa->name, selector, method->types, types);
}
