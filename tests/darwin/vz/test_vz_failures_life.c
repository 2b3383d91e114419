/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is done with VMs, with every call that can fail failing in turn. */
#include "vz_walk.h"

#include <unistd.h>

enum { PORT = 1234 };

static void start(rig *r)
{
    rig_start(r);
}

static void pause_it(rig *r)
{
    rig_start(r);
    assert_ok(abx_vm_pause(r->vm));
}

static abx_status act_start(rig *r)
{
    return abx_vm_start(r->vm);
}

static abx_status act_pause(rig *r)
{
    return abx_vm_pause(r->vm);
}

static abx_status act_resume(rig *r)
{
    return abx_vm_resume(r->vm);
}

/* A VM ends whatever happens, but it tells. */
static abx_status act_stop(rig *r)
{
    assert_ok(abx_vm_stop(r->vm));
    return abx_vm_get_state(r->vm) == ABX_VM_STOPPED ? ABX_OK : ABX_ERR_LOST;
}

static abx_status act_request_stop(rig *r)
{
    return abx_vm_request_stop(r->vm);
}

static void life(void **state)
{
    walk(*state, &(scenario){ .prepare = rig_create, .act = act_start, .least = 2 });
    walk(*state, &(scenario){ .prepare = start, .act = act_pause, .least = 2 });
    walk(*state, &(scenario){ .prepare = pause_it, .act = act_resume, .least = 2 });
    walk(*state, &(scenario){ .prepare = start, .act = act_stop, .least = 2 });
    walk(*state, &(scenario){ .prepare = pause_it, .act = act_stop, .least = 2 });
    walk(*state, &(scenario){ .prepare = start, .act = act_request_stop, .least = 1 });
}

static abx_status act_save(rig *r)
{
    return abx_vm_save(r->vm, rig_path(r, "saved"));
}

static abx_status act_restore(rig *r)
{
    return abx_vm_restore(r->vm, rig_path(r, "saved"));
}

static void saving(void **state)
{
    rig *r = *state;
    walk_old_identifier(r);
    walk(r, &(scenario){ .prepare = pause_it, .act = act_save, .least = 4 });
    walk(r, &(scenario){ .prepare = rig_create, .act = act_restore, .least = 4 });
}

static void vsock(rig *r)
{
    rig_add(r, ABX_DEVICE_VSOCK);
}

static void start_listening_guest(rig *r)
{
    rig_start(r);
    model_guest_listen(model_machine(), PORT, MODEL_ECHOES);
}

static abx_status act_connect(rig *r)
{
    int fd;
    abx_status status = abx_vsock_connect(r->vm, PORT, PATIENCE_MS, &fd);
    if (status == ABX_OK)
        close(fd);
    return status;
}

static abx_status act_listen(rig *r)
{
    abx_vsock_listener *listener = NULL;
    abx_status status = abx_vsock_listen(&listener, r->vm, PORT);
    if (status != ABX_OK)
        assert_null(listener);
    model_fail(0);
    abx_vsock_listener_close(listener);
    return status;
}

/* A connection that cannot be taken is refused to the guest. */
static abx_status act_accept(rig *r)
{
    abx_vsock_listener *listener = NULL;
    long n = 1;
    assert_ok(abx_vsock_listen(&listener, r->vm, PORT));
    for (int guest = -1; guest < 0; n++) {
        model_fail(n);
        guest = model_guest_connect(model_machine(), PORT, 1);
        if (guest < 0)
            assert_non_null(model_failed());
        else
            close(guest);
    }
    model_fail(0);
    int fd;
    assert_ok(abx_vsock_accept(listener, PATIENCE_MS, &fd, NULL));
    close(fd);
    abx_vsock_listener_close(listener);
    assert_true(n > 2);
    return ABX_OK;
}

static void sockets(void **state)
{
    walk(*state, &(scenario){ .configure = vsock, .prepare = start_listening_guest, .act = act_connect, .least = 4 });
    walk(*state, &(scenario){ .prepare = start, .act = act_listen, .least = 4 });
}

static void connections_from_the_guest(void **state)
{
    rig *r = *state;
    vsock(r);
    rig_start(r);
    assert_ok(act_accept(r));
}

static void balloon(rig *r)
{
    rig_add(r, ABX_DEVICE_BALLOON);
}

static abx_status act_set_target(rig *r)
{
    return abx_balloon_set_target(r->vm, UINT64_C(128) << 20);
}

static abx_status act_get_target(rig *r)
{
    uint64_t bytes;
    return abx_balloon_get_target(r->vm, &bytes);
}

static void balloons(void **state)
{
    walk(*state, &(scenario){ .configure = balloon, .prepare = start, .act = act_set_target, .least = 1 });
    walk(*state, &(scenario){ .prepare = start, .act = act_get_target, .least = 1 });
}

static void not_installed(rig *r)
{
    (void)r;
    model.rosetta = 1;
}

static abx_status act_install(rig *r)
{
    return abx_rosetta_install(r->hypervisor);
}

static void rosetta(void **state)
{
    walk(*state, &(scenario){ .prepare = not_installed, .act = act_install, .least = 2 });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(life),     rig_test(saving),  rig_test(sockets), rig_test(connections_from_the_guest),
        rig_test(balloons), rig_test(rosetta),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
