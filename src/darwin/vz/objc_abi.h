/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The few functions of Apple's Objective-C runtime, block runtime and libdispatch that the backend calls, declared by
 * ourselves: the runtime's interface is plain C. Documents: "Objective-C Runtime" and "Dispatch" of Apple's developer
 * documentation; the reference-counting calls are in Clang's "Objective-C Automatic Reference Counting", section
 * "Runtime support"; blocks are in Clang's "Block Implementation Specification".
 */
#ifndef ABX_SRC_DARWIN_VZ_OBJC_ABI_H
#define ABX_SRC_DARWIN_VZ_OBJC_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct objc_class *Class;
typedef struct objc_object *id;
typedef struct objc_selector *SEL;
typedef struct objc_method *Method;
typedef struct objc_object Protocol;
typedef void (*IMP)(void);

/* Objective-C's boolean is C's on Apple silicon and a signed char on Intel; Clang says which. VZ_BOOL is its letter in
 * type encodings. */
#if defined(__OBJC_BOOL_IS_BOOL) && !__OBJC_BOOL_IS_BOOL
typedef signed char BOOL;
#define VZ_BOOL "c"
#else
typedef bool BOOL;
#define VZ_BOOL "B"
#endif

/* Sends a message. It has no prototype of its own: cast it to that of the method and call that. */
extern void objc_msgSend(void);

/* NULL when there is no such class. */
extern Class objc_getClass(const char *name);
extern SEL sel_registerName(const char *name);
extern Protocol *objc_getProtocol(const char *name);

/* A class made at run time: allocate, add methods, register. NULL when the name is taken. */
extern Class objc_allocateClassPair(Class superclass, const char *name, size_t extra_bytes);
extern void objc_registerClassPair(Class class);
extern BOOL class_addMethod(Class class, SEL selector, IMP function, const char *encoding);
/* An instance with room for `extra_bytes` of our own, owned by the caller, and where that room is. */
extern id class_createInstance(Class class, size_t extra_bytes);
extern void *object_getIndexedIvars(id object);

/* Introspection. Methods of superclasses count. */
extern Method class_getInstanceMethod(Class class, SEL selector);
extern Method class_getClassMethod(Class class, SEL selector);
extern const char *method_getTypeEncoding(Method method);
struct objc_method_description {
    SEL name;
    char *types;
};
extern struct objc_method_description protocol_getMethodDescription(Protocol *protocol, SEL selector, BOOL required,
                                                                    BOOL instance);

/* NULL is allowed. */
extern id objc_retain(id object);
extern void objc_release(id object);
extern id objc_autorelease(id object);
extern void *objc_autoreleasePoolPush(void);
extern void objc_autoreleasePoolPop(void *pool);

/* Its address, not its content, marks a block literal that is on the stack. */
extern void *_NSConcreteStackBlock[];

typedef struct dispatch_queue_s *dispatch_queue_t;
typedef struct dispatch_semaphore_s *dispatch_semaphore_t;
typedef void (*dispatch_function_t)(void *context);
typedef uint64_t dispatch_time_t;
#define DISPATCH_TIME_NOW     UINT64_C(0)
#define DISPATCH_TIME_FOREVER UINT64_MAX

/* A serial queue when `attributes` is NULL. Released with dispatch_release(). */
extern dispatch_queue_t dispatch_queue_create(const char *label, void *attributes);
extern void dispatch_sync_f(dispatch_queue_t queue, void *context, dispatch_function_t work);
extern void dispatch_queue_set_specific(dispatch_queue_t queue, const void *key, void *value,
                                        dispatch_function_t destructor);
/* The value that the queue which runs the caller has for `key`; NULL outside. */
extern void *dispatch_get_specific(const void *key);
extern dispatch_semaphore_t dispatch_semaphore_create(intptr_t value);
extern intptr_t dispatch_semaphore_signal(dispatch_semaphore_t semaphore);
/* Zero, or non-zero when the time is up. */
extern intptr_t dispatch_semaphore_wait(dispatch_semaphore_t semaphore, dispatch_time_t deadline);
/* A time `nanoseconds` after `base`, by a clock that stands still while the host sleeps. */
extern dispatch_time_t dispatch_time(dispatch_time_t base, int64_t nanoseconds);
extern void dispatch_release(void *object);

#endif
