/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The guest: its console, its sockets, its balloon. */
#include "model_test.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const char start[] = "startWithCompletionHandler:", hold[] = "pauseWithCompletionHandler:",
                  resume[] = "resumeWithCompletionHandler:";

static rig r;
static int to_guest[2], from_guest[2];

static id handle_of(int fd)
{
    return objc_autorelease(
        ((id(*)(id, SEL, int, BOOL))message)(send0(class_object("NSFileHandle"), "alloc"),
                                             sel_registerName("initWithFileDescriptor:closeOnDealloc:"), fd, false));
}

static int begin(void **state)
{
    (void)state;
    model_reset();
    assert_return_code(pipe(to_guest), 0);
    assert_return_code(pipe(from_guest), 0);
    r.pool = objc_autoreleasePoolPush();
    id configuration = good_configuration(),
       port = objc_autorelease(make("VZVirtioConsoleDeviceSerialPortConfiguration"));
    send1(port, "setAttachment:",
          objc_autorelease(send2(send0(class_object("VZFileHandleSerialPortAttachment"), "alloc"),
                                 "initWithFileHandleForReading:fileHandleForWriting:", handle_of(to_guest[0]),
                                 handle_of(from_guest[1]))));
    send1(configuration, "setSerialPorts:", array_of(port));
    send1(configuration, "setSocketDevices:", array_of(objc_autorelease(make("VZVirtioSocketDeviceConfiguration"))));
    send1(configuration, "setMemoryBalloonDevices:",
          array_of(objc_autorelease(make("VZVirtioTraditionalMemoryBalloonDeviceConfiguration"))));
    rig_begin_with(&r, configuration);
    assert_int_equal(operate(&r, start), 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    rig_end(&r);
    for (int i = 0; i < 2; i++) {
        close(to_guest[i]);
        close(from_guest[i]);
    }
    return 0;
}

static void assert_read(int fd, const char *text)
{
    char said[64] = "";
    size_t size = 0;
    while (size < strlen(text)) {
        ssize_t count = read(fd, said + size, strlen(text) - size);
        assert_true(count > 0);
        size += (size_t)count;
    }
    assert_string_equal(said, text);
}

static void it_echoes_at_its_console(void **state)
{
    (void)state;
    assert_int_equal(write(to_guest[1], "hello", 5), 5);
    assert_read(from_guest[0], "hello");
    model_guest_print(r.machine, "by itself");
    assert_read(from_guest[0], "by itself");
}

static void it_stands_still_while_paused(void **state)
{
    (void)state;
    char byte;
    assert_int_equal(operate(&r, hold), 0);
    assert_int_equal(write(to_guest[1], "later", 5), 5);
    assert_return_code(fcntl(from_guest[0], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(read(from_guest[0], &byte, 1), -1);
    assert_return_code(fcntl(from_guest[0], F_SETFL, 0), 0);
    assert_int_equal(operate(&r, resume), 0);
    assert_read(from_guest[0], "later");
}

static void request_stop(rig *of)
{
    assert_true(ask_error(of->machine, "requestStopWithError:", NULL));
}

/* A full pipe keeps the guest from all else until it is read. */
static void nobody_reads_the_console(void **state)
{
    (void)state;
    char room[4096];
    assert_return_code(fcntl(from_guest[1], F_SETFL, O_NONBLOCK), 0);
    memset(room, 'x', sizeof room);
    ssize_t full = 0, count;
    while ((count = write(from_guest[1], room, sizeof room)) > 0)
        full += count;
    model_guest_print(r.machine, "stuck");
    assert_int_equal(state_of(&r), 1);
    assert_int_equal(write(to_guest[1], "not read", 8), 8);
    on_queue(&r, request_stop);
    assert_int_equal(state_of(&r), 1);
    for (; full > 0; full -= count) {
        count = read(from_guest[0], room, full < (ssize_t)sizeof room ? (size_t)full : sizeof room);
        assert_true(count > 0);
    }
    assert_read(from_guest[0], "stuck");
}

static id device;
static int connected;
static uint32_t port;

static void begin_connect(void *context)
{
    handler *h = context;
    void *pool = objc_autoreleasePoolPush();
    device =
        ((id(*)(id, SEL, uint64_t))message)(send0(r.machine, "socketDevices"), sel_registerName("objectAtIndex:"), 0);
    ((void (*)(id, SEL, uint32_t, void *))message)(device, sel_registerName("connectToPort:completionHandler:"), port,
                                                   &h->block);
    objc_autoreleasePoolPop(pool);
}

static long connect_to(uint32_t number)
{
    handler h;
    handler_begin_connection(&h);
    port = number;
    dispatch_sync_f(r.queue, &h, begin_connect);
    long code = handler_wait(&h);
    connected = h.connected;
    return code;
}

static void it_listens_where_it_was_told(void **state)
{
    (void)state;
    assert_int_equal(connect_to(7), 54);
    assert_int_equal(connected, -1);
    model_guest_listen(r.machine, 7, MODEL_ECHOES);
    assert_int_equal(connect_to(7), 0);
    assert_int_equal(write(connected, "ping", 4), 4);
    assert_read(connected, "ping");
    close(connected);
    model_fail_operation("connect", 1, 0);
    assert_int_equal(connect_to(7), 1);
}

static void silence(void **state)
{
    (void)state;
    handler h;
    model_guest_listen(r.machine, 8, MODEL_IS_SILENT);
    handler_begin_connection(&h);
    port = 8;
    dispatch_sync_f(r.queue, &h, begin_connect);
    assert_int_not_equal(dispatch_semaphore_wait(h.called, dispatch_time(DISPATCH_TIME_NOW, 1000000)), 0);
    dispatch_release(h.called);
}

static int arrived;
static bool accepts;

static BOOL should_accept(id self, SEL selector, id listener, id connection, id from)
{
    (void)self;
    (void)selector;
    (void)listener;
    (void)from;
    assert_int_equal((uint32_t)ask(connection, "sourcePort"), 99);
    arrived = dup((int)ask(connection, "fileDescriptor"));
    return accepts;
}

static id listener;

static void listen_at_5(rig *of)
{
    void *pool = objc_autoreleasePoolPush();
    id at =
        ((id(*)(id, SEL, uint64_t))message)(send0(of->machine, "socketDevices"), sel_registerName("objectAtIndex:"), 0);
    if (listener)
        ((void (*)(id, SEL, id, uint32_t))message)(at, sel_registerName("setSocketListener:forPort:"), listener, 5);
    else
        ((void (*)(id, SEL, uint32_t))message)(at, sel_registerName("removeSocketListenerForPort:"), 5);
    objc_autoreleasePoolPop(pool);
}

static void it_connects_where_somebody_listens(void **state)
{
    (void)state;
    Class class = objc_allocateClassPair(objc_getClass("NSObject"), "ModelListenerDelegate", 0);
    class_addMethod(class, sel_registerName("listener:shouldAcceptNewConnection:fromSocketDevice:"), (IMP)should_accept,
                    VZ_BOOL "@:@@@");
    objc_registerClassPair(class);
    id delegate = class_createInstance(class, 0);
    listener = make("VZVirtioSocketListener");
    send1(listener, "setDelegate:", delegate);
    assert_int_equal(model_guest_connect(r.machine, 5, 99), -1);
    on_queue(&r, listen_at_5);
    accepts = false;
    assert_int_equal(model_guest_connect(r.machine, 5, 99), -1);
    close(arrived);
    accepts = true;
    int guest = model_guest_connect(r.machine, 5, 99);
    assert_int_equal(write(guest, "in", 2), 2);
    assert_read(arrived, "in");
    close(guest);
    close(arrived);
    objc_release(listener);
    listener = NULL;
    on_queue(&r, listen_at_5);
    assert_int_equal(model_guest_connect(r.machine, 5, 99), -1);
    objc_release(delegate);
}

static uint64_t target;

static void set_target(rig *of)
{
    void *pool = objc_autoreleasePoolPush();
    id balloon = ((id(*)(id, SEL, uint64_t))message)(send0(of->machine, "memoryBalloonDevices"),
                                                     sel_registerName("objectAtIndex:"), 0);
    set_number(balloon, "setTargetVirtualMachineMemorySize:", target);
    target = ask(balloon, "targetVirtualMachineMemorySize");
    objc_autoreleasePoolPop(pool);
}

static void assert_target(uint64_t wish, uint64_t granted)
{
    target = wish;
    on_queue(&r, set_target);
    assert_int_equal(target, granted);
}

static void its_balloon_has_limits(void **state)
{
    (void)state;
    const uint64_t mib = 1 << 20;
    assert_target(100 * mib + 5, 100 * mib);
    assert_target(0, 4 * mib);
    assert_target(UINT64_MAX, 256 * mib);
}

static void close_the_console(void)
{
    begin(NULL);
    close(to_guest[0]);
    model_guest_print(r.machine, "now look again");
    char text[64];
    while (read(from_guest[0], text, sizeof text) > 0)
        ;
}

static void misuse_ends_the_program(void **state)
{
    (void)state;
    assert_dies(close_the_console, "descriptor of the running machine has been closed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misuse_ends_the_program),
        cmocka_unit_test_setup_teardown(it_echoes_at_its_console, begin, end),
        cmocka_unit_test_setup_teardown(it_stands_still_while_paused, begin, end),
        cmocka_unit_test_setup_teardown(nobody_reads_the_console, begin, end),
        cmocka_unit_test_setup_teardown(it_listens_where_it_was_told, begin, end),
        cmocka_unit_test_setup_teardown(silence, begin, end),
        cmocka_unit_test_setup_teardown(it_connects_where_somebody_listens, begin, end),
        cmocka_unit_test_setup_teardown(its_balloon_has_limits, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
