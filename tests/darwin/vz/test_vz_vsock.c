/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/vsock.h"
#include "vm_internal.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

enum { PORT = 1024, CLOSED = 7 };

static void start(rig *r, enum model_port answer)
{
    rig_add(r, ABX_DEVICE_VSOCK);
    rig_start(r);
    model_guest_listen(model_machine(), PORT, answer);
}

static void a_connection(void **state)
{
    rig *r = *state;
    int fd = -1;
    start(r, MODEL_ECHOES);
    assert_ok(abx_vsock_connect(r->vm, PORT, PATIENCE_MS, &fd));
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_echo(fd);
    close(fd);
}

static void nobody_listens(void **state)
{
    rig *r = *state;
    int fd = -1;
    start(r, MODEL_ECHOES);
    assert_status(abx_vsock_connect(r->vm, CLOSED, PATIENCE_MS, &fd), ABX_ERR_NOT_FOUND);
    assert_message("connect to port 7");
    assert_int_equal(fd, -1);
}

static void silence_has_an_end(void **state)
{
    rig *r = *state;
    int fd = -1;
    start(r, MODEL_IS_SILENT);
    assert_status(abx_vsock_connect(r->vm, PORT, 10, &fd), ABX_ERR_TIMEOUT);
    assert_int_equal(fd, -1);
}

static void a_handler_that_is_dropped(void **state)
{
    rig *r = *state;
    int fd = -1;
    start(r, MODEL_FORGETS);
    assert_status(abx_vsock_connect(r->vm, PORT, -1, &fd), ABX_ERR_LOST);
    assert_int_equal(fd, -1);
}

static void a_late_connection_is_closed(void **state)
{
    rig *r = *state;
    int fd = -1;
    start(r, MODEL_ECHOES);
    size_t before = count_descriptors();
    model_hold(true);
    assert_status(abx_vsock_connect(r->vm, PORT, 10, &fd), ABX_ERR_TIMEOUT);
    model_hold(false);
    model_let_go(0);
    assert_ok(abx_vm_stop(r->vm));
    abx_vm_destroy(r->vm);
    r->vm = NULL;
    assert_string_equal(model_alive(), "");
    assert_true(count_descriptors() <= before);
}

static void only_a_running_guest(void **state)
{
    rig *r = *state;
    int fd = -1;
    start(r, MODEL_ECHOES);
    assert_ok(abx_vm_pause(r->vm));
    assert_status(abx_vz_vsock_connect(abx_vm_backend_object(r->vm), PORT, -1, &fd), ABX_ERR_STATE);
    assert_message("The machine is paused.");
}

static void without_the_device(void **state)
{
    rig *r = *state;
    int fd = -1;
    rig_start(r);
    assert_status(abx_vz_vsock_connect(abx_vm_backend_object(r->vm), PORT, -1, &fd), ABX_ERR_NOT_FOUND);
    assert_message("ABX_DEVICE_VSOCK");
}

typedef struct caller {
    pthread_t thread;
    abx_vm *vm;
    abx_status status;
} caller;

static void *connect_for_ever(void *context)
{
    caller *c = context;
    int fd = -1;
    c->status = abx_vz_vsock_connect(abx_vm_backend_object(c->vm), PORT, -1, &fd);
    return NULL;
}

typedef struct visit {
    const abx_vz_vm *vm;
    bool waits;
} visit;

static void look(void *context)
{
    visit *v = context;
    v->waits = v->vm->connecting != NULL;
}

/* Whether somebody waits for the guest. */
static bool is_waiting(const abx_vz_vm *vm)
{
    visit v = { .vm = vm };
    abx_vz_queue_call(vm->queue, look, &v);
    return v.waits;
}

static void whoever_waits_hears_of_the_end(void **state)
{
    rig *r = *state;
    start(r, MODEL_IS_SILENT);
    for (int by_guest = 0; by_guest < 2; by_guest++) {
        caller c = { .vm = r->vm };
        assert_int_equal(pthread_create(&c.thread, NULL, connect_for_ever, &c), 0);
        while (!is_waiting(abx_vm_backend_object(r->vm)))
            sched_yield();
        if (by_guest)
            model_guest_crash(model_machine(), 1);
        else
            assert_ok(abx_vm_stop(r->vm));
        pthread_join(c.thread, NULL);
        assert_status(c.status, ABX_ERR_STATE);
        abx_vm_destroy(r->vm);
        r->vm = NULL;
        if (!by_guest) {
            rig_start(r);
            model_guest_listen(model_machine(), PORT, MODEL_IS_SILENT);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(a_connection),
        rig_test(nobody_listens),
        rig_test(silence_has_an_end),
        rig_test(a_handler_that_is_dropped),
        rig_test(a_late_connection_is_closed),
        rig_test(only_a_running_guest),
        rig_test(without_the_device),
        rig_test(whoever_waits_hears_of_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
