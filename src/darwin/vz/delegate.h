/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Objects of ours that the framework calls. Their classes are made at run time, once per process. Such an object
 * carries a pointer to what it speaks for; the framework does not retain it.
 */
#ifndef ABX_SRC_DARWIN_VZ_DELEGATE_H
#define ABX_SRC_DARWIN_VZ_DELEGATE_H

#include "objc_abi.h"

#include <arcbox/error.h>

/* A method of such a class. */
typedef struct abx_delegate_method {
    const char *selector;
    const char *encoding;
    IMP function;
} abx_delegate_method;

/* The class `name`, made with these methods unless it is there. NULL when the runtime refuses. Any thread. */
Class abx_delegate_class(const char *name, const abx_delegate_method *methods, size_t count);

/* An instance for `owner`. On success `*out` is the caller's: objc_release(). Errors: ABX_ERR_NO_MEMORY. */
abx_status abx_delegate_new(id *out, Class class, void *owner);

/* NULL after abx_delegate_forget(). */
void *abx_delegate_owner(id delegate);
void abx_delegate_forget(id delegate);

#endif
