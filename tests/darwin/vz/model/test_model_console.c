/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Console devices with several ports. */
#include "model_test.h"

#include <string.h>
#include <unistd.h>

static void *pool;
static id configuration;

static int begin(void **state)
{
    (void)state;
    model_reset();
    pool = objc_autoreleasePoolPush();
    configuration = good_configuration();
    return 0;
}

static int end(void **state)
{
    (void)state;
    objc_release(configuration);
    objc_autoreleasePoolPop(pool);
    assert_nothing_alive();
    return 0;
}

static void assert_valid(void)
{
    assert_configuration_valid(configuration);
}

static void assert_invalid(const char *text)
{
    assert_configuration_invalid(configuration, text);
}

static id ports_of(id device)
{
    return send0(device, "ports");
}

static void set_most(id device, uint32_t most)
{
    ((void (*)(id, SEL, uint32_t))message)(ports_of(device), sel_registerName("setMaximumPortCount:"), most);
}

static void place(id device, id port, uint64_t index)
{
    ((void (*)(id, SEL, id, uint64_t))message)(ports_of(device), sel_registerName("setObject:atIndexedSubscript:"),
                                               port, index);
}

static id port_named(const char *name)
{
    id port = objc_autorelease(make("VZVirtioConsolePortConfiguration"));
    send1(port, "setName:", string(name));
    return port;
}

static id console(void)
{
    id device = objc_autorelease(make("VZVirtioConsoleDeviceConfiguration"));
    send1(configuration, "setConsoleDevices:", array_of(device));
    return device;
}

static id handle_of(int fd)
{
    return objc_autorelease(
        ((id(*)(id, SEL, int, BOOL))message)(send0(class_object("NSFileHandle"), "alloc"),
                                             sel_registerName("initWithFileDescriptor:closeOnDealloc:"), fd, true));
}

static id attachment_of(int fd)
{
    return objc_autorelease(send2(send0(class_object("VZFileHandleSerialPortAttachment"), "alloc"),
                                  "initWithFileHandleForReading:fileHandleForWriting:", NULL, handle_of(fd)));
}

static void consoles_have_ports(void **state)
{
    (void)state;
    id device = console(), first = port_named("a"), attachment = attachment_of(dup(1));
    assert_invalid("no ports");
    set_most(device, 2);
    place(device, first, 0);
    assert_invalid("other ports than it says");
    id second = port_named("a");
    place(device, second, 1);
    assert_invalid("same name");
    send1(second, "setName:", NULL);
    assert_invalid("no console and has no name");
    ((void (*)(id, SEL, BOOL))message)(second, sel_registerName("setIsConsole:"), true);
    assert_valid();
    send1(first, "setAttachment:", attachment);
    assert_valid();
    send1(second, "setAttachment:", attachment);
    assert_invalid("same attachment");
}

static void ports_are_counted(void **state)
{
    (void)state;
    id device = console();
    place(device, port_named("a"), 0);
    place(device, port_named("b"), 1);
    uint32_t (*most)(id, SEL) = (uint32_t(*)(id, SEL))message;
    assert_int_equal(most(ports_of(device), sel_registerName("maximumPortCount")), 2);
    assert_valid();
}

static void port_beyond_the_most(void)
{
    id device = console();
    set_most(device, 1);
    place(device, port_named("a"), 0);
    place(device, port_named("b"), 1);
}

static void port_behind_a_gap(void)
{
    place(console(), port_named("a"), 1);
}

static void port_in_two_places(void)
{
    id device = console(), port = port_named("a");
    place(device, port, 0);
    place(device, port, 1);
}

static void port_of_nil(void)
{
    place(console(), NULL, 0);
}

static void fewer_than_there_are(void)
{
    id device = console();
    place(device, port_named("a"), 0);
    set_most(device, 0);
}

static void list_of_ports_by_itself(void)
{
    make("VZVirtioConsolePortConfigurationArray");
}

static void serial_port_as_console(void)
{
    send1(configuration,
          "setConsoleDevices:", array_of(objc_autorelease(make("VZVirtioConsoleDeviceSerialPortConfiguration"))));
}

static void wrong_ports_end_the_program(void **state)
{
    (void)state;
    assert_dies(port_beyond_the_most, "port 1 of 1");
    assert_dies(port_behind_a_gap, "port 1 comes when there are 0");
    assert_dies(port_in_two_places, "a port that is in two places");
    assert_dies(port_of_nil, "not a VZVirtioConsolePortConfiguration");
    assert_dies(fewer_than_there_are, "setMaximumPortCount:] to 0");
    assert_dies(list_of_ports_by_itself, "init] is not available");
    assert_dies(serial_port_as_console, "is not a VZConsoleDeviceConfiguration");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(consoles_have_ports, begin, end),
        cmocka_unit_test_setup_teardown(ports_are_counted, begin, end),
        cmocka_unit_test_setup_teardown(wrong_ports_end_the_program, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
