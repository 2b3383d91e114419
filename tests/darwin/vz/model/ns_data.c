/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* NSData and NSFileHandle. */
#include "classes.h"
#include "foundation.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct ns_data {
    struct objc_object base;
    size_t size;
    void *bytes;
} ns_data;

id model_data(const void *bytes, size_t size)
{
    ns_data *data = (ns_data *)model_new("NSData");
    data->size = size;
    data->bytes = model_memory(size + 1);
    if (size)
        memcpy(data->bytes, bytes, size);
    return (id)data;
}

const void *model_data_bytes(id data)
{
    return ((ns_data *)data)->bytes;
}

size_t model_data_size(id data)
{
    return ((ns_data *)data)->size;
}

static void data_dealloc(id object)
{
    ns_data *data = (ns_data *)object;
    if (data->bytes)
        memset(data->bytes, 0xdb, data->size);
    free(data->bytes);
}

static id data_with(Class class, SEL selector, const void *bytes, uint64_t size)
{
    (void)class;
    (void)selector;
    return model_fails("dataWithBytes:length:") ? NULL : model_autorelease(model_data(bytes, size));
}

static const void *data_bytes(id data, SEL selector)
{
    (void)selector;
    return model_data_bytes(data);
}

static uint64_t data_length(id data, SEL selector)
{
    (void)selector;
    return model_data_size(data);
}

static const model_method data_methods[] = {
    METHOD('+', "dataWithBytes:length:", "@@:r^vQ", data_with, ALWAYS, 0),
    METHOD('-', "bytes", "r^v@:", data_bytes, ALWAYS, 0),
    METHOD('-', "length", "Q@:", data_length, ALWAYS, 0),
};
const model_class model_ns_data = {
    .name = "NSData", .super = "NSObject", .size = sizeof(ns_data), .dealloc = data_dealloc, METHODS(data_methods)
};

typedef struct ns_file_handle {
    struct objc_object base;
    int descriptor;
    bool closes;
} ns_file_handle;

int model_descriptor(id file_handle)
{
    return ((ns_file_handle *)file_handle)->descriptor;
}

static id handle_init(id object, SEL selector, int descriptor, BOOL closes)
{
    (void)selector;
    if (model_fails("initWithFileDescriptor:closeOnDealloc:"))
        return model_init_failed(object);
    ((ns_file_handle *)object)->descriptor = descriptor;
    ((ns_file_handle *)object)->closes = closes != 0;
    return object;
}

static int handle_descriptor(id object, SEL selector)
{
    (void)selector;
    return model_descriptor(object);
}

static void handle_dealloc(id object)
{
    ns_file_handle *handle = (ns_file_handle *)object;
    if (handle->closes && close(handle->descriptor) != 0)
        model_die("an NSFileHandle closes descriptor %d, which is closed already", handle->descriptor);
}

static const model_method handle_methods[] = {
    METHOD('-', "initWithFileDescriptor:closeOnDealloc:", "@@:iB", handle_init, ALWAYS, 0),
    METHOD('-', "fileDescriptor", "i@:", handle_descriptor, ALWAYS, 0),
};
const model_class model_ns_file_handle = { .name = "NSFileHandle",
                                           .super = "NSObject",
                                           .size = sizeof(ns_file_handle),
                                           .dealloc = handle_dealloc,
                                           .flags = NO_PLAIN_INIT,
                                           METHODS(handle_methods) };
