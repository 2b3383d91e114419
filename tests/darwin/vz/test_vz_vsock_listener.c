/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/vsock.h"
#include "vm_internal.h"

#include <fcntl.h>
#include <unistd.h>

enum { PORT = 5000, FROM = 77 };

static abx_vsock_listener *start(rig *r)
{
    abx_vsock_listener *listener;
    rig_add(r, ABX_DEVICE_VSOCK);
    rig_create(r);
    assert_ok(abx_vsock_listen(&listener, r->vm, PORT));
    assert_ok(abx_vm_start(r->vm));
    return listener;
}

static void the_guest_connects(void **state)
{
    rig *r = *state;
    abx_vsock_listener *listener = start(r);
    int fd = -1;
    uint32_t peer = 0;
    char bytes[2] = "";
    int guest = model_guest_connect(model_machine(), PORT, FROM);
    assert_true(guest >= 0);
    assert_ok(abx_vsock_accept(listener, PATIENCE_MS, &fd, &peer));
    assert_int_equal(peer, FROM);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(write(guest, "hi", 2), 2);
    assert_int_equal(read(fd, bytes, 2), 2);
    assert_memory_equal(bytes, "hi", 2);
    close(fd);
    close(guest);
    abx_vsock_listener_close(listener);
}

static void nobody_listens_any_more(void **state)
{
    rig *r = *state;
    abx_vsock_listener *listener = start(r);
    assert_int_equal(model_guest_connect(model_machine(), PORT + 1, FROM), -1);
    abx_vsock_listener_close(listener);
    assert_int_equal(model_guest_connect(model_machine(), PORT, FROM), -1);
    assert_ok(abx_vsock_listen(&listener, r->vm, PORT));
    abx_vsock_listener_close(listener);
}

static void too_many_are_refused(void **state)
{
    rig *r = *state;
    abx_vsock_listener *listener = start(r);
    int guest[ABX_VSOCK_BACKLOG];
    for (size_t i = 0; i < ABX_VSOCK_BACKLOG; i++) {
        guest[i] = model_guest_connect(model_machine(), PORT, FROM);
        assert_true(guest[i] >= 0);
    }
    assert_int_equal(model_guest_connect(model_machine(), PORT, FROM), -1);
    for (size_t i = 0; i < ABX_VSOCK_BACKLOG; i++)
        close(guest[i]);
    abx_vsock_listener_close(listener);
}

static void a_listener_outlives_the_machine(void **state)
{
    rig *r = *state;
    abx_vsock_listener *listener = start(r);
    int fd = -1;
    model.major = 11; /* the machine is released by the stop */
    assert_ok(abx_vm_stop(r->vm));
    assert_status(abx_vsock_accept(listener, -1, &fd, NULL), ABX_ERR_STATE);
    abx_vm_destroy(r->vm);
    r->vm = NULL;
    abx_vsock_listener_close(listener);
}

static void without_the_device(void **state)
{
    rig *r = *state;
    void *listening = NULL;
    rig_create(r);
    assert_status(abx_vz_vsock_listen(&listening, abx_vm_backend_object(r->vm), PORT, NULL), ABX_ERR_NOT_FOUND);
    assert_null(listening);
}

static void every_failure_leaves_nothing(void **state)
{
    rig *r = *state;
    rig_add(r, ABX_DEVICE_VSOCK);
    rig_create(r);
    bool failed = true;
    for (long n = 1; failed; n++) {
        abx_vsock_listener *listener = NULL;
        model_fail(n);
        abx_status status = abx_vsock_listen(&listener, r->vm, PORT);
        failed = model_failed() != NULL;
        if (failed && status == ABX_OK)
            fail_msg("failure of %s is not seen", model_failed());
        model_fail(0);
        abx_vsock_listener_close(listener);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(the_guest_connects),   rig_test(nobody_listens_any_more),
        rig_test(too_many_are_refused), rig_test(a_listener_outlives_the_machine),
        rig_test(without_the_device),   rig_test(every_failure_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
