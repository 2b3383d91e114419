/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* IOKit's messages of the system's power, for one listener, and the queue that they come on. */
#include "fake_hv.h"

enum { CONNECTION = 7, NOTIFIER = 8 };

/* What the queue does, it does in turn. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

dispatch_queue_t dispatch_queue_create(const char *label, void *attributes)
{
    assert_non_null(label);
    assert_null(attributes); /* serial */
    if (fake.queue_refused)
        return NULL;
    assert_false(fake.queue);
    fake.queue = true;
    return (dispatch_queue_t)&fake.queue;
}

void dispatch_sync_f(dispatch_queue_t queue, void *context, dispatch_function_t work)
{
    assert_ptr_equal(queue, &fake.queue);
    assert_true(fake.queue);
    pthread_mutex_lock(&turn);
    work(context);
    pthread_mutex_unlock(&turn);
}

void dispatch_release(void *object)
{
    assert_ptr_equal(object, &fake.queue);
    assert_true(fake.queue);
    assert_false(fake.port);
    fake.queue = false;
}

io_connect_t IORegisterForSystemPower(void *context, IONotificationPortRef *port, IOServiceInterestCallback callback,
                                      io_object_t *notifier)
{
    if (fake.power_refused)
        return 0;
    assert_false(fake.power);
    fake.power = fake.power_open = fake.port = true;
    fake.power_callback = callback;
    fake.power_context = context;
    *port = (IONotificationPortRef)&fake.port;
    *notifier = NOTIFIER;
    return CONNECTION;
}

IOReturn IODeregisterForSystemPower(io_object_t *notifier)
{
    assert_int_equal(*notifier, NOTIFIER);
    assert_true(fake.power);
    assert_true(fake.power_open);
    fake.power = false;
    return 0;
}

IOReturn IOServiceClose(io_connect_t connection)
{
    assert_int_equal(connection, CONNECTION);
    assert_true(fake.power_open);
    assert_false(fake.power);
    fake.power_open = false;
    return 0;
}

void IONotificationPortDestroy(IONotificationPortRef port)
{
    assert_ptr_equal(port, &fake.port);
    assert_true(fake.port);
    assert_false(fake.power);
    fake.port = fake.on_queue = false;
}

void IONotificationPortSetDispatchQueue(IONotificationPortRef port, dispatch_queue_t queue)
{
    assert_ptr_equal(port, &fake.port);
    assert_ptr_equal(queue, &fake.queue);
    fake.on_queue = true;
}

IOReturn IOAllowPowerChange(io_connect_t connection, intptr_t notification)
{
    assert_int_equal(connection, CONNECTION);
    fake.allowed = notification;
    return 0;
}

void fake_power(uint32_t message, intptr_t argument)
{
    pthread_mutex_lock(&turn);
    if (fake.on_queue)
        fake.power_callback(fake.power_context, 0, message, (void *)argument);
    pthread_mutex_unlock(&turn);
}
