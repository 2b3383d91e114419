/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "delegate.h"

#include <pthread.h>

static Class make(const char *name, const abx_delegate_method *methods, size_t count)
{
    Class class = objc_allocateClassPair(objc_getClass("NSObject"), name, 0);
    if (!class)
        return NULL;
    for (size_t i = 0; i < count; i++)
        class_addMethod(class, sel_registerName(methods[i].selector), methods[i].function, methods[i].encoding);
    objc_registerClassPair(class);
    return class;
}

Class abx_delegate_class(const char *name, const abx_delegate_method *methods, size_t count)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    Class class = objc_getClass(name);
    if (!class)
        class = make(name, methods, count);
    pthread_mutex_unlock(&lock);
    return class;
}

abx_status abx_delegate_new(id *out, Class class, void *owner)
{
    id delegate = class ? class_createInstance(class, sizeof(owner)) : NULL;
    if (!delegate)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a delegate for Virtualization.framework");
    *(void **)object_getIndexedIvars(delegate) = owner;
    *out = delegate;
    return ABX_OK;
}

void *abx_delegate_owner(id delegate)
{
    return *(void **)object_getIndexedIvars(delegate);
}

void abx_delegate_forget(id delegate)
{
    *(void **)object_getIndexedIvars(delegate) = NULL;
}
