/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Connections, which close their descriptor when they are gone, and listeners. */
#include "classes.h"
#include "socket.h"

#include <unistd.h>

typedef struct connection {
    struct objc_object base;
    int descriptor;
    uint32_t source, destination;
} connection;

id vz_make_connection(int descriptor, uint32_t source, uint32_t destination)
{
    connection *it = (connection *)model_new("VZVirtioSocketConnection");
    it->descriptor = descriptor;
    it->source = source;
    it->destination = destination;
    return (id)it;
}

static void connection_close(id object)
{
    connection *it = (connection *)object;
    if (it->descriptor >= 0 && close(it->descriptor) != 0)
        model_die("the descriptor of a connection was closed by somebody else");
    it->descriptor = -1;
}

static void connection_close_message(id object, SEL selector)
{
    (void)selector;
    connection_close(object);
}

static int connection_descriptor(id object, SEL selector)
{
    (void)selector;
    return ((connection *)object)->descriptor;
}

static const model_method connection_methods[] = {
    METHOD('-', "fileDescriptor", "i@:", connection_descriptor, ALWAYS, 0),
    METHOD('-', "close", "v@:", connection_close_message, ALWAYS, 0),
};
static const model_property connection_properties[] = {
    { "sourcePort", NULL, 'I', READ_ONLY, offsetof(connection, source), ALWAYS, NULL, NULL },
    { "destinationPort", NULL, 'I', READ_ONLY, offsetof(connection, destination), ALWAYS, NULL, NULL },
};
const model_class model_vz_connection = { .name = "VZVirtioSocketConnection",
                                          .super = "NSObject",
                                          .size = sizeof(connection),
                                          .dealloc = connection_close,
                                          .flags = NO_PLAIN_INIT,
                                          METHODS(connection_methods),
                                          PROPERTIES(connection_properties) };

static void listener_set_delegate(id object, SEL selector, id delegate)
{
    (void)selector;
    model_check_delegate(delegate, "VZVirtioSocketListenerDelegate");
    model_set_weak(&((vz_listener *)object)->delegate, delegate);
}

static void listener_dealloc(id object)
{
    model_set_weak(&((vz_listener *)object)->delegate, NULL);
}

static const model_method listener_methods[] = {
    METHOD('-', "setDelegate:", "v@:@", listener_set_delegate, ALWAYS, 0),
};
const model_class model_vz_listener = { .name = "VZVirtioSocketListener",
                                        .super = "NSObject",
                                        .size = sizeof(vz_listener),
                                        .dealloc = listener_dealloc,
                                        METHODS(listener_methods) };
