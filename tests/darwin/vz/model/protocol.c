/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Protocols: the delegates' methods, all of them optional. */
#include "runtime.h"

#include <pthread.h>
#include <string.h>

static const struct callback {
    const char *protocol, *selector, *types;
    int since;
} callbacks[] = {
    { "VZVirtualMachineDelegate", "guestDidStopVirtualMachine:", "v@:@", MACOS(11, 0) },
    { "VZVirtualMachineDelegate", "virtualMachine:didStopWithError:", "v@:@@", MACOS(11, 0) },
    { "VZVirtualMachineDelegate", "virtualMachine:networkDevice:attachmentWasDisconnectedWithError:", "v@:@@@",
      MACOS(12, 0) },
    { "VZVirtioSocketListenerDelegate", "listener:shouldAcceptNewConnection:fromSocketDevice:", "B@:@@@",
      MACOS(11, 0) },
};
enum { CALLBACKS = sizeof callbacks / sizeof callbacks[0] };

/* Its address stands for the protocol: that of the first callback's name. */
Protocol *objc_getProtocol(const char *name)
{
    for (size_t i = 0; i < CALLBACKS; i++)
        if (strcmp(callbacks[i].protocol, name) == 0)
            return (Protocol *)(uintptr_t)&callbacks[i];
    return NULL;
}

static char *encodings[CALLBACKS];

static void encode_all(void)
{
    for (size_t i = 0; i < CALLBACKS; i++)
        encodings[i] = model_encoding(callbacks[i].types);
}

struct objc_method_description protocol_getMethodDescription(Protocol *protocol, SEL selector, BOOL required,
                                                             BOOL instance)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, encode_all);
    const struct callback *of = (const struct callback *)(const void *)protocol;
    for (size_t i = 0; of && !required && instance && i < CALLBACKS; i++)
        if (strcmp(callbacks[i].protocol, of->protocol) == 0 && model_exists(callbacks[i].since, 0) &&
            sel_registerName(callbacks[i].selector) == selector)
            return (struct objc_method_description){ selector, encodings[i] };
    return (struct objc_method_description){ NULL, NULL };
}

void model_check_delegate(id delegate, const char *protocol)
{
    for (size_t i = 0; i < CALLBACKS; i++)
        if (strcmp(callbacks[i].protocol, protocol) == 0)
            model_check_callback(delegate, callbacks[i].selector, callbacks[i].types);
}
