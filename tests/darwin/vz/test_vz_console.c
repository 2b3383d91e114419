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
    assert_ok(abx_vz_console_new(&port, &(abx_serial_config){ input, output }, drain));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(descriptors_become_handles),
        rig_test(output_without_descriptor_is_drained),
        rig_test(a_guest_that_talks_to_nobody_goes_on),
        rig_test(a_guest_that_nobody_listens_to_goes_on),
        rig_test(all_that_was_said_is_out_when_the_end_is_told),
        rig_test(what_is_typed_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
