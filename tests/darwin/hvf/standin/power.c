/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* IOKit's messages of the system's power, for one listener. They come in the thread that lets the host sleep. */
#include "power.h"
#include "model.h"

#include "darwin/hvf/io_api.h"

enum { CONNECTION = 1, NOTIFIER = 2 };

static struct dispatch_queue_s {
    pthread_mutex_t turn;
    IOServiceInterestCallback callback;
    void *context;
    bool listening;
} queue = { .turn = PTHREAD_MUTEX_INITIALIZER };

dispatch_queue_t dispatch_queue_create(const char *label, void *attributes)
{
    (void)label;
    (void)attributes;
    return &queue;
}

void dispatch_sync_f(dispatch_queue_t to, void *context, dispatch_function_t work)
{
    pthread_mutex_lock(&to->turn);
    work(context);
    pthread_mutex_unlock(&to->turn);
}

void dispatch_release(void *object)
{
    (void)object;
}

io_connect_t IORegisterForSystemPower(void *context, IONotificationPortRef *port, IOServiceInterestCallback callback,
                                      io_object_t *notifier)
{
    if (queue.callback)
        model_broken("IORegisterForSystemPower", "this stand-in has one listener");
    queue.callback = callback;
    queue.context = context;
    *port = (IONotificationPortRef)&queue;
    *notifier = NOTIFIER;
    return CONNECTION;
}

IOReturn IODeregisterForSystemPower(io_object_t *notifier)
{
    (void)notifier;
    queue.callback = NULL;
    return 0;
}

IOReturn IOServiceClose(io_connect_t connection)
{
    (void)connection;
    return 0;
}

void IONotificationPortDestroy(IONotificationPortRef port)
{
    (void)port;
    queue.listening = false;
}

void IONotificationPortSetDispatchQueue(IONotificationPortRef port, dispatch_queue_t to)
{
    (void)port;
    pthread_mutex_lock(&to->turn);
    to->listening = true;
    pthread_mutex_unlock(&to->turn);
}

IOReturn IOAllowPowerChange(io_connect_t connection, intptr_t notification)
{
    (void)connection;
    (void)notification;
    return 0;
}

void power_tell_woke(void)
{
    pthread_mutex_lock(&queue.turn);
    if (queue.listening)
        queue.callback(queue.context, 0, kIOMessageSystemWillPowerOn, NULL);
    pthread_mutex_unlock(&queue.turn);
}
