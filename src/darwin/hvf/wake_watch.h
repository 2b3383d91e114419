/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Hears of it when the host has slept. */
#ifndef ABX_DARWIN_HVF_WAKE_WATCH_H
#define ABX_DARWIN_HVF_WAKE_WATCH_H

#include "io_api.h"

typedef struct abx_wake_watch {
    void (*woke)(void *argument);
    void *argument;
    dispatch_queue_t queue; /* NULL: it hears nothing */
    IONotificationPortRef port;
    io_object_t notifier;
    io_connect_t connection;
} abx_wake_watch;

/*
 * Calls `woke` from now on, in a thread of the system's, one call at a time, when the host wakes up: more than once for
 * one sleep. Where macOS refuses it does nothing.
 */
void abx_wake_watch_start(abx_wake_watch *watch, void (*woke)(void *argument), void *argument);

/* When this returns `woke` is not being called, nor will be. Not from `woke`. */
void abx_wake_watch_end(abx_wake_watch *watch);

#endif
