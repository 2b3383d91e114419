/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/configuration.h"
#include "model/foundation.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static id make(int input, int output, abx_vz_drain *drain)
{
    id port = NULL;
    assert_ok(abx_vz_serial_port_new(&port, &(abx_serial_config){ input, output }, drain));
    assert_true(is_kind(port, "VZVirtioConsoleDeviceSerialPortConfiguration"));
    return get_object(port, "attachment");
}

static void descriptors_become_handles(void **state)
{
    (void)state;
    abx_vz_drain *drain;
    int pair[2];
    char byte = 0;
    size_t before = count_descriptors();
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    assert_ok(abx_vz_drain_new(&drain, 1));
    void *pool = objc_autoreleasePoolPush();
    id attachment = make(pair[0], pair[1], drain);
    assert_ok(abx_vz_drain_start(drain));
    assert_int_equal(model_descriptor(get_object(attachment, "fileHandleForReading")), pair[0]);
    assert_int_equal(write(model_descriptor(get_object(attachment, "fileHandleForWriting")), "x", 1), 1);
    abx_vz_drain_flush(drain);
    assert_int_equal(read(pair[0], &byte, 1), 1);
    objc_autoreleasePoolPop(pool);
    abx_vz_drain_free(drain);
    assert_int_equal(close(pair[0]), 0);
    assert_int_equal(close(pair[1]), 0);
    assert_int_equal(count_descriptors(), before);
}

static void output_without_descriptor_is_drained(void **state)
{
    (void)state;
    size_t before = count_descriptors();
    void *pool = objc_autoreleasePoolPush();
    id attachment = make(-1, -1, NULL);
    assert_null(get_object(attachment, "fileHandleForReading"));
    int sink = model_descriptor(get_object(attachment, "fileHandleForWriting"));
    assert_int_equal(write(sink, "gone", 4), 4);
    objc_autoreleasePoolPop(pool);
    assert_int_equal(count_descriptors(), before);
}

static void a_guest_that_talks_to_nobody_goes_on(void **state)
{
    rig *r = *state;
    static char text[3000];
    rig_add(r, ABX_DEVICE_CONSOLE);
    rig_start(r);
    memset(text, 'x', sizeof(text) - 1);
    model_guest_print(model_machine(), text);
    assert_ok(abx_vm_request_stop(r->vm));
    await_state(r->vm, ABX_VM_STOPPED);
}

static void a_guest_that_nobody_listens_to_goes_on(void **state)
{
    rig *r = *state;
    static char text[3000];
    int pair[2];
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    /* So full that the first byte finds no room. */
    assert_int_equal(fcntl(pair[1], F_SETFL, O_NONBLOCK), 0);
    memset(text, 'x', sizeof(text) - 1);
    while (write(pair[1], text, sizeof(text)) > 0)
        ;
    rig_add(r, ABX_DEVICE_CONSOLE)->serial = (abx_serial_config){ -1, pair[1] };
    rig_start(r);
    model_guest_print(model_machine(), text);
    assert_ok(abx_vm_request_stop(r->vm));
    await_state(r->vm, ABX_VM_STOPPED);
    rig_destroy(r);
    close(pair[0]);
    close(pair[1]);
}

static void all_that_was_said_is_out_when_the_end_is_told(void **state)
{
    rig *r = *state;
    static char text[3000], heard[sizeof(text)];
    int pair[2];
    assert_int_equal(pipe2(pair, O_CLOEXEC | O_NONBLOCK), 0);
    memset(text, 'x', sizeof(text) - 1);
    rig_add(r, ABX_DEVICE_CONSOLE)->serial = (abx_serial_config){ -1, pair[1] };
    rig_start(r);
    model_guest_print(model_machine(), text);
    assert_ok(abx_vm_request_stop(r->vm));
    await_state(r->vm, ABX_VM_STOPPED);
    assert_int_equal(read(pair[0], heard, sizeof(heard)), sizeof(text) - 1);
    rig_destroy(r);
    close(pair[0]);
    close(pair[1]);
}

static void what_is_typed_comes_back(void **state)
{
    rig *r = *state;
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    rig_add(r, ABX_DEVICE_SERIAL)->serial = (abx_serial_config){ ends[0], ends[0] };
    rig_start(r);
    assert_echo(ends[1]);
    assert_ok(abx_vm_stop(r->vm));
    rig_destroy(r);
    assert_int_equal(close(ends[0]), 0);
    close(ends[1]);
}

static id port_at(id device, uint64_t index)
{
    id (*send)(id, SEL, uint64_t) = (id(*)(id, SEL, uint64_t))objc_msgSend;
    return send(get_object(device, "ports"), sel_registerName("objectAtIndexedSubscript:"), index);
}

static void assert_console(id device, uint64_t index)
{
    assert_true(get_bool(port_at(device, index), "isConsole"));
    assert_null(get_object(port_at(device, index), "name"));
}

static void assert_named(id device, uint64_t index, const char *name)
{
    assert_false(get_bool(port_at(device, index), "isConsole"));
    assert_string_equal(get_text(port_at(device, index), "name"), name);
}

static int input_of(id device, uint64_t index)
{
    id attachment = get_object(port_at(device, index), "attachment");
    return model_descriptor(get_object(attachment, "fileHandleForReading"));
}

static id make_device(const abx_console_config *config)
{
    id device = NULL;
    assert_ok(abx_vz_console_new(&device, config, NULL));
    assert_true(is_kind(device, "VZVirtioConsoleDeviceConfiguration"));
    return device;
}

static uint32_t count_ports(id device)
{
    uint32_t (*send)(id, SEL) = (uint32_t(*)(id, SEL))objc_msgSend;
    return send(get_object(device, "ports"), sel_registerName("maximumPortCount"));
}

static void ports_have_their_places(void **state)
{
    (void)state;
    const abx_console_port more[] = { { "org.example.log", { 1, -1 } }, { NULL, { 2, -1 } } };
    abx_console_config config = { .serial = { 0, -1 }, .ports = more, .port_count = 2 };
    size_t before = count_descriptors();
    void *pool = objc_autoreleasePoolPush();
    id device = make_device(&config);
    assert_int_equal(count_ports(device), 3);
    assert_console(device, 0);
    assert_named(device, 1, "org.example.log");
    assert_console(device, 2);
    for (int i = 0; i < 3; i++)
        assert_int_equal(input_of(device, (uint64_t)i), i);
    config.ports_only = true;
    device = make_device(&config);
    assert_int_equal(count_ports(device), 2);
    assert_named(device, 0, "org.example.log");
    assert_console(device, 1);
    assert_int_equal(input_of(device, 0), 1);
    objc_autoreleasePoolPop(pool);
    assert_int_equal(count_descriptors(), before);
}

static void what_cannot_be_made_is_said(void **state)
{
    (void)state;
    const abx_console_port more[] = { { "a", { 0, -1 } }, { NULL, { -1, -1 } } };
    const abx_console_config config = { .serial = { -1, -1 }, .ports = more, .port_count = 2 };
    bool failed = true;
    long n;
    for (n = 1; failed; n++) {
        id device = NULL;
        void *pool = objc_autoreleasePoolPush();
        model_fail(n);
        abx_status status = abx_vz_console_new(&device, &config, NULL);
        failed = model_failed();
        model_fail(0);
        assert_status(status, failed ? ABX_ERR_NO_MEMORY : ABX_OK);
        assert_int_equal(device == NULL, failed);
        objc_autoreleasePoolPop(pool);
    }
    assert_true(n > 20);
}

static void outputs_are_counted(void **state)
{
    (void)state;
    const abx_console_port more[] = { { "a", { -1, 1 } }, { "b", { -1, -1 } }, { NULL, { -1, 2 } } };
    abx_device_config device = { .kind = ABX_DEVICE_CONSOLE };
    device.console = (abx_console_config){ .serial = { -1, 1 }, .ports = more, .port_count = 3 };
    assert_int_equal(abx_vz_console_outputs(&device), 3);
    device.console.ports_only = true;
    assert_int_equal(abx_vz_console_outputs(&device), 2);
    device = (abx_device_config){ .kind = ABX_DEVICE_SERIAL, .serial = { -1, 1 } };
    assert_int_equal(abx_vz_console_outputs(&device), 1);
    device.serial.output_fd = -1;
    assert_int_equal(abx_vz_console_outputs(&device), 0);
    device.kind = ABX_DEVICE_ENTROPY;
    assert_int_equal(abx_vz_console_outputs(&device), 0);
}

static void every_port_has_its_own_ends(void **state)
{
    enum { PORTS = 4 };
    rig *r = *state;
    int ends[PORTS][2];
    abx_console_port more[PORTS] = { { .name = "a" }, { .name = "b" }, { .name = NULL } };
    for (int i = 0; i < PORTS; i++) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends[i]), 0);
        more[i].ends = (abx_serial_config){ ends[i][0], ends[i][0] };
    }
    /* The last one is of a device without a first port. */
    more[PORTS - 1].name = "c";
    rig_add(r, ABX_DEVICE_CONSOLE)->console =
        (abx_console_config){ .serial = { -1, -1 }, .ports = more, .port_count = PORTS - 1 };
    rig_add(r, ABX_DEVICE_CONSOLE)->console =
        (abx_console_config){ .ports_only = true, .ports = more + PORTS - 1, .port_count = 1 };
    rig_start(r);
    for (int i = 0; i < PORTS; i++)
        assert_echo(ends[i][1]);
    assert_ok(abx_vm_stop(r->vm));
    rig_destroy(r);
    for (int i = 0; i < PORTS; i++) {
        assert_int_equal(close(ends[i][0]), 0);
        close(ends[i][1]);
    }
}

/* Neither a late reader of a port nor one who has gone is in the way of others. */
static void a_port_that_nobody_reads_stops_no_other(void **state)
{
    enum { SIZE = 8 * 65536, PIECE = 1024 };
    rig *r = *state;
    static const char piece[PIECE];
    int late[2], ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, late), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    const abx_console_port more[] = { { "late", { late[0], late[0] } }, { "b", { ends[0], ends[0] } } };
    rig_add(r, ABX_DEVICE_CONSOLE)->console =
        (abx_console_config){ .serial = { -1, -1 }, .ports = more, .port_count = 2 };
    rig_start(r);
    for (size_t sent = 0; sent < SIZE; sent += PIECE)
        assert_int_equal(write(late[1], piece, PIECE), PIECE);
    assert_echo(ends[1]);
    close(late[1]);
    assert_echo(ends[1]);
    rig_destroy(r);
    close(late[0]);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(descriptors_become_handles),
        rig_test(output_without_descriptor_is_drained),
        rig_test(a_guest_that_talks_to_nobody_goes_on),
        rig_test(a_guest_that_nobody_listens_to_goes_on),
        rig_test(all_that_was_said_is_out_when_the_end_is_told),
        rig_test(what_is_typed_comes_back),
        rig_test(ports_have_their_places),
        rig_test(what_cannot_be_made_is_said),
        rig_test(outputs_are_counted),
        rig_test(every_port_has_its_own_ends),
        rig_test(a_port_that_nobody_reads_stops_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
