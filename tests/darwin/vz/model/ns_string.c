/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* NSString and NSURL. */
#include "classes.h"
#include "foundation.h"

#include <stdlib.h>
#include <string.h>

typedef struct ns_string {
    struct objc_object base;
    char *text;
} ns_string;

static id make(const char *class_name, const char *text)
{
    id object = model_new(class_name);
    size_t size = strlen(text) + 1;
    char *copy = model_memory(size);
    memcpy(copy, text, size);
    ((ns_string *)object)->text = copy;
    return object;
}

/* What came from UTF8String is gone with the string. */
static void string_dealloc(id object)
{
    char *text = ((ns_string *)object)->text;
    if (text)
        memset(text, '#', strlen(text));
    free(text);
}

id model_string(const char *text)
{
    return make("NSString", text);
}

const char *model_text(id string)
{
    model_check(string, "string");
    return string ? ((ns_string *)string)->text : NULL;
}

id model_url(const char *path)
{
    return make("NSURL", path);
}

const char *model_path(id url)
{
    return model_text(url);
}

static size_t continuation_bytes(unsigned char lead)
{
    return lead < 0x80                   ? 0
           : lead >= 0xc2 && lead < 0xe0 ? 1
           : lead >= 0xe0 && lead < 0xf0 ? 2
           : lead >= 0xf0 && lead < 0xf5 ? 3
                                         : 9;
}

static bool is_utf8(const char *text)
{
    while (*text) {
        size_t more = continuation_bytes((unsigned char)*text++);
        if (more == 9)
            return false;
        while (more--)
            if (((unsigned char)*text++ & 0xc0) != 0x80)
                return false;
    }
    return true;
}

static id string_with(Class class, SEL selector, const char *text)
{
    (void)class;
    (void)selector;
    if (!text)
        model_invalid("+[NSString stringWithUTF8String:] with NULL");
    if (!is_utf8(text) || model_fails("stringWithUTF8String:"))
        return NULL;
    return model_autorelease(model_string(text));
}

static const char *string_text(id string, SEL selector)
{
    (void)selector;
    return model_text(string);
}

static id url_with_path(Class class, SEL selector, id path)
{
    (void)class;
    (void)selector;
    if (!model_is_kind(path, "NSString"))
        model_invalid("+[NSURL fileURLWithPath:] without a string");
    if (model_fails("fileURLWithPath:"))
        return NULL;
    return model_autorelease(model_url(model_text(path)));
}

static id url_path(id url, SEL selector)
{
    (void)selector;
    return model_autorelease(model_string(model_text(url)));
}

static const model_method string_methods[] = {
    METHOD('+', "stringWithUTF8String:", "@@:r*", string_with, ALWAYS, 0),
    METHOD('-', "UTF8String", "r*@:", string_text, ALWAYS, 0),
};
const model_class model_ns_string = { .name = "NSString",
                                      .super = "NSObject",
                                      .size = sizeof(ns_string),
                                      .dealloc = string_dealloc,
                                      METHODS(string_methods) };

static const model_method url_methods[] = {
    METHOD('+', "fileURLWithPath:", "@@:@", url_with_path, ALWAYS, 0),
    METHOD('-', "path", "@@:", url_path, ALWAYS, 0),
};
const model_class model_ns_url = { .name = "NSURL",
                                   .super = "NSObject",
                                   .size = sizeof(ns_string),
                                   .dealloc = string_dealloc,
                                   .flags = NO_PLAIN_INIT,
                                   METHODS(url_methods) };
