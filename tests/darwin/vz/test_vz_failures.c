/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Every call that can fail does, one after the other: of the runtime, of Foundation, of the framework and its
 * completions, of the C library. Each time the operation must say so, and nothing may be left.
 */
#include "vz_test.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT = 1234 };

/* What a walk goes through, for a VM in the state that `prepare` brings it into; `act` is walked. */
typedef struct scenario {
    void (*configure)(rig *r);
    void (*prepare)(rig *r);
    abx_status (*act)(rig *r);
    long least; /* so many calls can fail at least */
} scenario;

static int console[2][2], frames[2];

static void open_descriptors(void)
{
    assert_return_code(pipe(console[0]), 0);
    assert_return_code(pipe(console[1]), 0);
    assert_return_code(socketpair(AF_UNIX, SOCK_DGRAM, 0, frames), 0);
}

static void close_descriptors(void)
{
    for (int i = 0; i < 2; i++) {
        close(console[0][i]);
        close(console[1][i]);
        close(frames[i]);
    }
}

static abx_status create(rig *r)
{
    return abx_vm_create(&r->vm, r->hypervisor, &r->config);
}

/* The n-th call fails; false when there is none. */
static bool step(rig *r, const scenario *it, long n)
{
    size_t descriptors = count_descriptors();
    if (it->prepare)
        it->prepare(r);
    model_fail(n);
    abx_status status = it->act(r);
    const char *failed = model_failed();
    model_fail(0);
    if (failed && status == ABX_OK)
        fail_msg("nobody noticed that %s, call %ld, failed", failed, n);
    if (!failed)
        assert_ok(status);
    else
        assert_true(abx_last_error()->message[0] != '\0');
    if (status != ABX_OK && it->act == create)
        assert_null(r->vm);
    abx_vm_destroy(r->vm);
    r->vm = NULL;
    if (*model_alive())
        fail_msg("after a failure of %s, call %ld: %s", failed, n, model_alive());
    assert_int_equal(count_descriptors(), descriptors);
    return failed;
}

static void walk(rig *r, const scenario *it)
{
    long n = 1;
    open_descriptors();
    if (it->configure)
        it->configure(r);
    while (step(r, it, n))
        n++;
    close_descriptors();
    print_message("%ld calls can fail\n", n - 1);
    assert_true(n > it->least);
}

static void add_share(rig *r, const char *tag, const abx_fs_share *shares, size_t count)
{
    rig_add(r, ABX_DEVICE_FS)->fs = (abx_fs_config){ .tag = tag, .shares = shares, .share_count = count };
}

static void add_network(rig *r, abx_net_config config)
{
    rig_add(r, ABX_DEVICE_NET)->net = config;
}

static void everything(rig *r)
{
    static const abx_fs_share single = { .path = "/tmp" };
    static const abx_fs_share several[] = { { .name = "a", .path = "/tmp" },
                                            { .name = "b", .path = "/", .read_only = true } };
    static const char disk[1024];
    static char path[64];
    strcpy(path, rig_file(r, "disk", disk, sizeof disk));
    rig_add(r, ABX_DEVICE_CONSOLE)->serial = (abx_serial_config){ console[0][0], console[1][1] };
    rig_add(r, ABX_DEVICE_BLOCK)->block =
        (abx_block_config){ .path = path, .cache = ABX_CACHE_UNCACHED, .sync = ABX_SYNC_FSYNC, .serial = "disk-1" };
    add_network(r, (abx_net_config){ .kind = ABX_NET_NAT, .mac = { 2, 0, 0, 0, 0, 1 } });
    add_network(r, (abx_net_config){ .kind = ABX_NET_BRIDGED, .interface = "en1" });
    add_network(r, (abx_net_config){ .kind = ABX_NET_DATAGRAM, .fd = frames[0], .mtu = 9000 });
    rig_add(r, ABX_DEVICE_VSOCK);
    rig_add(r, ABX_DEVICE_ENTROPY);
    rig_add(r, ABX_DEVICE_BALLOON);
    add_share(r, "one", &single, 1);
    add_share(r, "two", several, 2);
    rig_add(r, ABX_DEVICE_ROSETTA)->rosetta =
        (abx_rosetta_config){ .tag = "rosetta", .cache = ABX_ROSETTA_CACHE_UNIX, .cache_address = "/run/cache" };
    r->config.nested = ABX_YES;
}

static void creation(void **state)
{
    walk(*state, &(scenario){ .configure = everything, .act = create, .least = 100 });
}

static void mute(rig *r)
{
    rig_add(r, ABX_DEVICE_CONSOLE);
}

static void creation_without_listener(void **state)
{
    walk(*state, &(scenario){ .configure = mute, .act = create, .least = 10 });
}

static void efi(rig *r)
{
    static char path[64];
    strcpy(path, rig_path(r, "variables"));
    r->config.boot.kernel = NULL;
    r->config.boot.efi_variables = path;
}

/* The first creation makes the store. */
static void remove_variables(rig *r)
{
    unlink(r->config.boot.efi_variables);
}

static void creation_with_efi(void **state)
{
    walk(*state, &(scenario){ .configure = efi, .prepare = remove_variables, .act = create, .least = 10 });
    walk(*state, &(scenario){ .act = create, .least = 10 });
}

static unsigned char identifier[256];

static void old_identifier(rig *r)
{
    rig_create(r);
    assert_ok(abx_vm_get_machine_id(r->vm, identifier, sizeof identifier, &r->config.machine_id_size));
    r->config.machine_id = identifier;
    abx_vm_destroy(r->vm);
    r->vm = NULL;
    rig_add(r, ABX_DEVICE_ROSETTA)->rosetta =
        (abx_rosetta_config){ .tag = "rosetta", .cache = ABX_ROSETTA_CACHE_ABSTRACT, .cache_address = "cache" };
}

static void creation_with_identifier(void **state)
{
    walk(*state, &(scenario){ .configure = old_identifier, .act = create, .least = 10 });
}

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
    old_identifier(r);
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
        rig_test(creation),
        rig_test(creation_without_listener),
        rig_test(creation_with_efi),
        rig_test(creation_with_identifier),
        rig_test(life),
        rig_test(saving),
        rig_test(sockets),
        rig_test(connections_from_the_guest),
        rig_test(balloons),
        rig_test(rosetta),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
