/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "wake_watch.h"

#include <stddef.h>

/* A sleep that is not answered is put off by half a minute. */
static void hear(void *context, io_object_t service, uint32_t message, void *argument)
{
    abx_wake_watch *watch = context;
    (void)service;
    switch (message) {
    case kIOMessageCanSystemSleep:
    case kIOMessageSystemWillSleep:
        (void)IOAllowPowerChange(watch->connection, (intptr_t)argument);
        break;
    case kIOMessageSystemWillPowerOn:
    case kIOMessageSystemHasPoweredOn:
        watch->woke(watch->argument);
        break;
    default:
        break;
    }
}

void abx_wake_watch_start(abx_wake_watch *watch, void (*woke)(void *argument), void *argument)
{
    *watch = (abx_wake_watch){ .woke = woke, .argument = argument };
    dispatch_queue_t queue = dispatch_queue_create("arcbox.hypervisor.wake", NULL);
    if (!queue)
        return;
    watch->connection = IORegisterForSystemPower(watch, &watch->port, hear, &watch->notifier);
    if (!watch->connection) {
        dispatch_release(queue);
        return;
    }
    watch->queue = queue;
    IONotificationPortSetDispatchQueue(watch->port, queue);
}

static void end(void *argument)
{
    abx_wake_watch *watch = argument;
    (void)IODeregisterForSystemPower(&watch->notifier);
    (void)IOServiceClose(watch->connection);
    IONotificationPortDestroy(watch->port);
}

/* On the queue, which does one thing at a time: no message is being heard, and none is behind the port's end. */
void abx_wake_watch_end(abx_wake_watch *watch)
{
    if (!watch->queue)
        return;
    dispatch_sync_f(watch->queue, watch, end);
    dispatch_release(watch->queue);
}
