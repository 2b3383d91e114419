/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What Apple's Objective-C runtime has and GCC's has not, made of what GCC's has. Blocks and queues are those of the
 * model, as they need nothing of the runtime.
 */
#import <Foundation/Foundation.h>

#include <stdbool.h>

IMP model_lookup(id receiver, SEL selector);
bool abx_model_macos_at_least(int major, int minor);
bool abx_model_is_arm64(void);
void *objc_autoreleasePoolPush(void);
void objc_autoreleasePoolPop(void *pool);
id objc_retain(id object);
void objc_release(id object);
id objc_autorelease(id object);

/* For objc_msgSend, which is the model's. */
IMP model_lookup(id receiver, SEL selector)
{
    return objc_msg_lookup(receiver, selector);
}

/* macOS 13 on Apple silicon. */
bool abx_model_macos_at_least(int major, int minor)
{
    return major < 13 || (major == 13 && minor == 0);
}

bool abx_model_is_arm64(void)
{
    return true;
}

void *objc_autoreleasePoolPush(void)
{
    return [NSAutoreleasePool new];
}

void objc_autoreleasePoolPop(void *pool)
{
    [(id)pool release];
}

id objc_retain(id object)
{
    return [object retain];
}

void objc_release(id object)
{
    [object release];
}

id objc_autorelease(id object)
{
    return [object autorelease];
}

/* GNUstep counts references in front of its objects: they must be allocated its way. */
id class_createInstance(Class class, size_t extra)
{
    return NSAllocateObject(class, extra, NULL);
}
