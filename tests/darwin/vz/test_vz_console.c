/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/configuration.h"
#include "model/foundation.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static id make(int input, int output)
{
    id port = NULL;
    assert_ok(abx_vz_console_new(&port, &(abx_serial_config){ input, output }));
    assert_true(is_kind(port, "VZVirtioConsoleDeviceSerialPortConfiguration"));
    return get_object(port, "attachment");
}

static void descriptors_become_handles(void **state)
{
    (void)state;
    int pair[2];
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    void *pool = objc_autoreleasePoolPush();
    id attachment = make(pair[0], pair[1]);
    assert_int_equal(model_descriptor(get_object(attachment, "fileHandleForReading")), pair[0]);
    assert_int_equal(model_descriptor(get_object(attachment, "fileHandleForWriting")), pair[1]);
    objc_autoreleasePoolPop(pool);
    assert_int_equal(close(pair[0]), 0);
    assert_int_equal(close(pair[1]), 0);
}

static void output_without_descriptor_is_drained(void **state)
{
    (void)state;
    size_t before = count_descriptors();
    void *pool = objc_autoreleasePoolPush();
    id attachment = make(-1, -1);
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

static void what_is_typed_comes_back(void **state)
{
    rig *r = *state;
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    rig_add(r, ABX_DEVICE_SERIAL)->serial = (abx_serial_config){ ends[0], ends[0] };
    rig_start(r);
    assert_echo(ends[1]);
    assert_ok(abx_vm_stop(r->vm));
    abx_vm_destroy(r->vm);
    r->vm = NULL;
    assert_int_equal(close(ends[0]), 0);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(descriptors_become_handles),
        rig_test(output_without_descriptor_is_drained),
        rig_test(a_guest_that_talks_to_nobody_goes_on),
        rig_test(what_is_typed_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
