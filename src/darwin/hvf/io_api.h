/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What this backend has of IOKit and libdispatch, to hear of the host's sleep, declared here so that no SDK is needed.
 * Apple's documentation: https://developer.apple.com/documentation/iokit, IORegisterForSystemPower and what it refers
 * to, and "Dispatch". All of it is older than macOS 11.0.
 */
#ifndef ABX_DARWIN_HVF_IO_API_H
#define ABX_DARWIN_HVF_IO_API_H

#include <stdint.h>

typedef struct dispatch_queue_s *dispatch_queue_t;
typedef void (*dispatch_function_t)(void *context);
/* A serial queue when `attributes` is NULL. */
dispatch_queue_t dispatch_queue_create(const char *label, void *attributes);
void dispatch_sync_f(dispatch_queue_t queue, void *context, dispatch_function_t work);
void dispatch_release(void *object);

typedef int32_t IOReturn;
typedef uint32_t io_object_t;
typedef uint32_t io_connect_t;
typedef struct IONotificationPort *IONotificationPortRef;
typedef void (*IOServiceInterestCallback)(void *context, io_object_t service, uint32_t message, void *argument);

/* Messages of the system's power. The first two are to be answered by IOAllowPowerChange(), the others are not. */
enum {
    kIOMessageCanSystemSleep = 0xe0000270,
    kIOMessageSystemWillSleep = 0xe0000280,
    kIOMessageSystemHasPoweredOn = 0xe0000300, /* seconds after it woke up */
    kIOMessageSystemWillPowerOn = 0xe0000320,  /* as soon as programs run again */
};

/* 0 when it is refused. Ended by the three functions below, in this order. */
io_connect_t IORegisterForSystemPower(void *context, IONotificationPortRef *port, IOServiceInterestCallback callback,
                                      io_object_t *notifier);
IOReturn IODeregisterForSystemPower(io_object_t *notifier);
IOReturn IOServiceClose(io_connect_t connection);
void IONotificationPortDestroy(IONotificationPortRef port);

/* Messages come on this queue from now on. */
void IONotificationPortSetDispatchQueue(IONotificationPortRef port, dispatch_queue_t queue);
/* `notification` is the message's argument. */
IOReturn IOAllowPowerChange(io_connect_t connection, intptr_t notification);

#endif
